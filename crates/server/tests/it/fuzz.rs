//! Bad input of every kind over every operation of the OpenAPI document: the answer is clear, and never a 5xx.

use portal_api_types::EmployeeRole;
use serde_json::{Value, json};

use crate::app::TestApp;

/// A small generator of numbers (xorshift64*), so that a failure can be repeated by its seed.
struct Dice(u64);

impl Dice {
    fn roll(&mut self, sides: usize) -> usize {
        self.0 ^= self.0 >> 12;
        self.0 ^= self.0 << 25;
        self.0 ^= self.0 >> 27;
        usize::try_from(self.0.wrapping_mul(0x2545_F491_4F6C_DD1D) >> 33).unwrap() % sides
    }

    fn pick<'a, T>(&mut self, choices: &'a [T]) -> &'a T {
        &choices[self.roll(choices.len())]
    }

    fn text(&mut self) -> String {
        let odd = [
            "",
            " ",
            "\u{0}",
            "a\u{0}b",
            "\r\n",
            "\u{202E}",
            "\u{FEFF}",
            "ß",
            "İ",
            "𝒳",
            "%",
            "_",
            "\\",
            "'",
            "\"",
            "{{x}}",
            "<b>",
            "=1+1",
            "null",
            "admin",
            "owner",
            "active",
            "a@b.example",
            "A@B.EXAMPLE.",
            "a@[::1]",
            "kim＠x.example",
            "acct_01h455vb4pex5vsknk084sn02q",
            "empl_7zzzzzzzzzzzzzzzzzzzzzzzzz",
            "user_",
            "-1",
            "1e999",
            "2026-13-45T99:99:99Z",
        ];
        match self.roll(8) {
            0 => "x".repeat(self.roll(5_000)),
            1 => odd.iter().map(|text| (*text).to_owned()).collect(),
            _ => (*self.pick(&odd)).to_owned(),
        }
    }

    fn value(&mut self, depth: usize) -> Value {
        match self.roll(if depth > 3 { 6 } else { 8 }) {
            0 => Value::Null,
            1 => json!(self.roll(2) == 0),
            2 => json!(i64::MIN + i64::try_from(self.roll(9)).unwrap()),
            3 => json!(1e300),
            4 | 5 => json!(self.text()),
            6 => (0..self.roll(4)).map(|_| self.value(depth + 1)).collect(),
            _ => Value::Object((0..self.roll(4)).map(|_| (self.text(), self.value(depth + 1))).collect()),
        }
    }
}

/// The fields that a schema knows.
fn fields(document: &Value, operation: &Value) -> Vec<String> {
    let schema = &operation["requestBody"]["content"]["application/json"]["schema"];
    let name = schema["$ref"].as_str().and_then(|reference| reference.rsplit('/').next()).unwrap_or_default();
    let properties = document["components"]["schemas"][name]["properties"].as_object();
    properties.map(|properties| properties.keys().cloned().collect()).unwrap_or_default()
}

fn body(dice: &mut Dice, known: &[String]) -> Vec<u8> {
    let mut object = serde_json::Map::new();
    for field in known {
        if dice.roll(4) > 0 {
            let value = dice.value(0);
            object.insert(field.clone(), value);
        }
    }
    if dice.roll(5) == 0 {
        object.insert(dice.text(), dice.value(0));
    }
    let mut bytes = match dice.roll(6) {
        0 => dice.value(0).to_string().into_bytes(),
        _ => Value::Object(object).to_string().into_bytes(),
    };
    match dice.roll(8) {
        0 => bytes.truncate(dice.roll(bytes.len() + 1)),
        1 => bytes.push(0xFF),
        2 => bytes.splice(0..0, *b"\xEF\xBB\xBF").for_each(drop),
        _ => {}
    }
    bytes
}

fn form(dice: &mut Dice) -> Vec<u8> {
    let names = [
        "grant_type",
        "client_id",
        "client_secret",
        "scope",
        "token",
        "subject_token",
        "audience",
        "resource",
    ];
    let values = ["client_credentials", "urn:ietf:params:oauth:grant-type:token-exchange"];
    let parts: Vec<String> = (0..dice.roll(6))
        .map(|_| {
            let name = *dice.pick(&names);
            let value = if dice.roll(2) == 0 { (*dice.pick(&values)).to_owned() } else { dice.text() };
            format!("{name}={}", urlencode(&value))
        })
        .collect();
    let mut bytes = parts.join("&").into_bytes();
    if dice.roll(6) == 0 {
        bytes.push(0xFF);
    }
    bytes
}

#[tokio::test]
async fn attack_36_no_input_to_any_operation_is_answered_with_a_5xx() {
    let app = TestApp::start_with(|config| config.rate_limit_factor = 100_000);
    let owner = app.owner("Olivia", "olivia@bakery.example", "Bakery").await;
    let firm = app.firm(&owner, "Apple", "office@apple.example").await;
    let ben = firm.invite("Ben", "ben@apple.example", EmployeeRole::Bookkeeper, &[]).await;
    let key = app.operator_key().await;
    let document = app.portal().read_openapi().await.unwrap();
    let http = reqwest::Client::new();
    let seed = u64::from_le_bytes(portal_server::clock::random_bytes());
    let mut dice = Dice(seed | 1);
    let mut tried = 0;
    for (path, item) in document["paths"].as_object().unwrap() {
        for (method, operation) in item.as_object().unwrap() {
            let known = fields(&document, operation);
            for _ in 0..25 {
                let mut concrete = path.clone();
                let own = [
                    ("{firm_id}", firm.firm_id.as_str()),
                    ("{id}", ben.id.as_str()),
                    ("{account_id}", owner.account_id.as_str()),
                ];
                for (place, id) in own {
                    let id = if dice.roll(3) == 0 { urlencode(&dice.text()) } else { id.to_owned() };
                    concrete = concrete.replace(place, &id);
                }
                for place in ["{employee_id}", "{user_id}", "{external_id}"] {
                    concrete = concrete.replace(place, &urlencode(&dice.text()));
                }
                let keys = [
                    "q",
                    "limit",
                    "cursor",
                    "status",
                    "unassigned",
                    "external_id",
                    "from",
                    "to",
                    "actor",
                    "action",
                    "format",
                ];
                let query: Vec<String> = (0..dice.roll(3))
                    .map(|_| format!("{}={}", dice.pick(&keys), urlencode(&dice.text())))
                    .collect();
                let token =
                    *dice.pick(&[owner.inside.token(), firm.me.token(), owner.me.token(), &key, "nonsense"]);
                let kind =
                    *dice.pick(&["application/json", "application/json; charset=utf-8", "text/plain", ""]);
                let (kind, body) = if path.starts_with("/oauth/") {
                    ("application/x-www-form-urlencoded", form(&mut dice))
                } else {
                    (kind, body(&mut dice, &known))
                };
                let request = http
                    .request(
                        method.to_uppercase().parse().unwrap(),
                        app.url(&format!("{concrete}?{}", query.join("&"))),
                    )
                    .bearer_auth(token)
                    .header("content-type", kind)
                    .header("idempotency-key", urlencode(&dice.text()))
                    .body(body);
                // Signing oneself out ends the run for the tokens above.
                if path.contains("/sessions/") && method == "delete" {
                    continue;
                }
                let answer = request.send().await.unwrap();
                let status = answer.status().as_u16();
                let kind = answer
                    .headers()
                    .get("content-type")
                    .and_then(|kind| kind.to_str().ok())
                    .unwrap_or_default()
                    .to_owned();
                // An event stream does not end by itself.
                let text =
                    if kind == "text/event-stream" { String::new() } else { answer.text().await.unwrap() };
                assert!(status < 500, "seed {seed}: {method} {concrete} {query:?}: {status} {text}");
                if status >= 400 && path.starts_with("/oauth/") {
                    let refusal: Value = serde_json::from_str(&text).unwrap();
                    let (error, why) = (&refusal["error"], &refusal["error_description"]);
                    assert!(error.is_string() && why.is_string(), "seed {seed}: {concrete}: {text}");
                } else if status >= 400 {
                    assert_eq!(
                        kind, "application/problem+json",
                        "seed {seed}: {method} {concrete}: {status} {text}"
                    );
                    let problem: Value = serde_json::from_str(&text).unwrap();
                    assert_eq!(problem["status"], status);
                    assert!(problem["code"].is_string() && problem["request_id"].is_string(), "{problem}");
                }
                tried += 1;
            }
        }
    }
    assert!(tried > 1_000);
    app.portal().check_readiness().await.unwrap();
}

fn urlencode(text: &str) -> String {
    let cut: String = text.chars().take(300).collect();
    let encoded: String = url::form_urlencoded::byte_serialize(cut.as_bytes()).collect();
    if encoded.is_empty() { "%20".to_owned() } else { encoded }
}
