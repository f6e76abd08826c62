//! What strangers typed, made safe to stand in a mail of ours.

use std::borrow::Cow;

/// A name that neither breaks a line, nor reorders what stands around it, nor becomes a link.
///
/// Mail programs make a link of whatever looks like one, and `Apple http://evil.example` in a mail of ours would look
/// like our advice. So an invisible non-joiner goes around every character that holds an address together. It is not
/// allowed at these places in a domain, so that what a program still takes for a link leads nowhere.
pub(super) fn harmless(name: &str) -> String {
    const NON_JOINER: char = '\u{200C}';
    let name: Vec<char> = one_line(name).chars().collect();
    let is_within = |i: usize| i > 0 && name[i - 1] != ' ' && name.get(i + 1).is_some_and(|c| *c != ' ');
    let holds = |i: usize| joins_address(name[i]) && is_within(i);
    let mut harmless = String::new();
    for (i, c) in name.iter().enumerate() {
        if i > 0 && (holds(i - 1) || holds(i)) {
            harmless.push(NON_JOINER);
        }
        harmless.push(*c);
    }
    harmless
}

/// The punctuation of web, mail and network addresses, with what domain names accept in place of a dot.
fn joins_address(c: char) -> bool {
    matches!(c, '.' | '@' | ':' | '/' | '\\' | '。' | '．' | '｡' | '＠' | '：' | '／')
}

/// One line without control characters, and without those that override the direction of what follows.
fn one_line(text: &str) -> String {
    let is_unruly =
        |c: char| c.is_control() || matches!(c, '\u{202A}'..='\u{202E}' | '\u{2066}'..='\u{2069}');
    let words = text.split(|c: char| c.is_whitespace() || is_unruly(c));
    words.filter(|word| !word.is_empty()).collect::<Vec<_>>().join(" ")
}

/// Keeps a name with right-to-left script from pulling the words beside it into its direction.
pub(super) fn isolated(name: &str) -> Cow<'_, str> {
    let is_right_to_left = |c| {
        matches!(c, '\u{0590}'..='\u{08FF}' | '\u{200F}' | '\u{FB1D}'..='\u{FDFF}' | '\u{FE70}'..='\u{FEFF}'
            | '\u{10800}'..='\u{10FFF}' | '\u{1E800}'..='\u{1EFFF}')
    };
    if name.contains(is_right_to_left) { format!("\u{2068}{name}\u{2069}").into() } else { name.into() }
}

/// At most so many characters, with an ellipsis where some are missing.
pub(super) fn shorten(text: &str, max: usize) -> String {
    if text.chars().count() <= max {
        return text.to_owned();
    }
    let kept: String = text.chars().take(max - 1).collect();
    format!("{}…", kept.trim_end())
}

/// Escapes for an element's text and for a quoted attribute. Unlike minijinja's it leaves `/` alone: an address stays
/// recognisable to whoever looks into the source.
pub(super) fn escape_html(text: &str) -> String {
    let mut escaped = String::with_capacity(text.len());
    for c in text.chars() {
        match c {
            '&' => escaped.push_str("&amp;"),
            '<' => escaped.push_str("&lt;"),
            '>' => escaped.push_str("&gt;"),
            '"' => escaped.push_str("&quot;"),
            '\'' => escaped.push_str("&#39;"),
            c => escaped.push(c),
        }
    }
    escaped
}
