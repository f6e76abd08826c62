//! Reads server-sent events by the rules of the HTML standard (section 9.2.6), however the network cuts them up.

/// The most bytes of one message: the portal's have a hundred. Who sends more is not the portal.
const LONGEST: usize = 64 * 1024;

/// One message.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Message {
    /// The field `event`; without one, `message`.
    pub(crate) event: String,
    /// The fields `data`, one a line.
    pub(crate) data: String,
}

/// A message is longer than any of the portal's.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct TooLong;

/// What has been read of a stream so far.
#[derive(Debug, Default)]
pub(crate) struct Parser {
    /// Bytes of a line whose end has not come yet.
    line: Vec<u8>,
    /// Whether the last byte was a CR: an LF that follows belongs to the same end of line.
    after_cr: bool,
    /// Whether a line has been read: a byte order mark may stand only before the first.
    begun: bool,
    event: String,
    data: String,
    has_data: bool,
}

impl Parser {
    /// Reads on, and answers the messages that are complete now.
    pub(crate) fn feed(&mut self, bytes: &[u8]) -> Result<Vec<Message>, TooLong> {
        let mut messages = Vec::new();
        for &byte in bytes {
            let second_half = byte == b'\n' && self.after_cr;
            self.after_cr = byte == b'\r';
            match byte {
                b'\n' if second_half => {}
                b'\r' | b'\n' => messages.extend(self.end_line()),
                _ => self.line.push(byte),
            }
            if self.line.len() + self.data.len() > LONGEST {
                return Err(TooLong);
            }
        }
        Ok(messages)
    }

    fn end_line(&mut self) -> Option<Message> {
        let line = std::mem::take(&mut self.line);
        // Decoded by whole lines, so that no character is cut.
        let line = String::from_utf8_lossy(&line);
        let line = if self.begun { &line } else { line.strip_prefix('\u{FEFF}').unwrap_or(&line) };
        self.begun = true;
        if line.is_empty() {
            return self.end_message();
        }
        let (field, value) = line.split_once(':').unwrap_or((line, ""));
        let value = value.strip_prefix(' ').unwrap_or(value);
        match field {
            "event" => value.clone_into(&mut self.event),
            "data" => {
                if self.has_data {
                    self.data.push('\n');
                }
                self.data.push_str(value);
                self.has_data = true;
            }
            // Comments have an empty field; `id` and `retry` are for browsers' own readers.
            _ => {}
        }
        None
    }

    fn end_message(&mut self) -> Option<Message> {
        let event = std::mem::take(&mut self.event);
        let data = std::mem::take(&mut self.data);
        let event = if event.is_empty() { "message".to_owned() } else { event };
        std::mem::take(&mut self.has_data).then_some(Message { event, data })
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    fn parse(text: &str) -> Vec<Message> {
        Parser::default().feed(text.as_bytes()).expect("short messages")
    }

    fn message(event: &str, data: &str) -> Message {
        Message { event: event.to_owned(), data: data.to_owned() }
    }

    #[test]
    fn messages_are_read_as_the_standard_says() {
        for (text, expected) in [
            ("event: ready\ndata: {}\n\n", vec![message("ready", "{}")]),
            ("event: ready\r\ndata: {}\r\n\r\n", vec![message("ready", "{}")]),
            ("event: ready\rdata: {}\r\r", vec![message("ready", "{}")]),
            ("data: one\ndata: two\n\n", vec![message("message", "one\ntwo")]),
            ("data\n\n", vec![message("message", "")]),
            ("data:x\n\ndata:  y\n\n", vec![message("message", "x"), message("message", " y")]),
            (": a comment\n\n:\n\n", vec![]),
            ("\u{FEFF}data: x\n\n", vec![message("message", "x")]),
            ("retry: 2000\nid: 7\nnonsense\ndata: x\n\n", vec![message("message", "x")]),
            // An event without data is none, and its name does not stay for the next.
            ("event: gone\n\ndata: x\n\n", vec![message("message", "x")]),
            // Cut off: not a message.
            ("data: x\n", vec![]),
        ] {
            assert_eq!(parse(text), expected, "{text:?}");
        }
    }

    #[test]
    fn a_message_without_an_end_is_not_kept_for_ever() {
        let mut parser = Parser::default();
        let line = [b'x'; 1_000];
        assert!((0..100).any(|_| parser.feed(&line) == Err(TooLong)));
        let mut parser = Parser::default();
        assert!((0..100_000).any(|_| parser.feed(b"data: x\n") == Err(TooLong)));
    }

    proptest! {
        #[test]
        fn where_the_network_cuts_makes_no_difference(
            messages in prop::collection::vec(("[a-zé]{1,8}", prop::collection::vec("[^\r\n]{0,12}", 1..4)), 0..6),
            end in prop::sample::select(vec!["\n", "\r\n", "\r"]),
            comment in "[^\r\n]{0,9}",
            size in 1_usize..7,
        ) {
            let mut text = String::new();
            let mut expected = Vec::new();
            for (event, lines) in messages {
                text.push_str(&format!(":{comment}{end}event: {event}{end}"));
                for line in &lines {
                    text.push_str(&format!("data: {line}{end}"));
                }
                text.push_str(end);
                expected.push(message(&event, &lines.join("\n")));
            }
            let mut parser = Parser::default();
            let mut found = Vec::new();
            for chunk in text.as_bytes().chunks(size) {
                found.extend(parser.feed(chunk).expect("short messages"));
            }
            prop_assert_eq!(found, expected);
        }

        #[test]
        fn no_bytes_make_it_fail(bytes in prop::collection::vec(any::<u8>(), 0..2_000)) {
            let _ = Parser::default().feed(&bytes);
        }
    }
}
