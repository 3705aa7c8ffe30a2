//! Random policies and requests, drawn from few words so that they meet.

use std::collections::BTreeMap;

use serde_json::{Map, Value, json};
use updraft_permit::aws::PolicyKind;

use crate::oracle::Request;

/// A source of numbers that are the same for the same seed.
pub(crate) struct Dice(u64);

impl Dice {
    pub(crate) fn new(seed: u64) -> Self {
        Self(seed.wrapping_mul(0x9e37_79b9_7f4a_7c15) ^ 0x5851_f42d_4c95_7f2d)
    }

    /// A number below `limit`: `SplitMix64`.
    pub(crate) fn below(&mut self, limit: usize) -> usize {
        self.0 = self.0.wrapping_add(0x9e37_79b9_7f4a_7c15);
        let mut mixed = self.0;
        mixed = (mixed ^ (mixed >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
        mixed = (mixed ^ (mixed >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
        usize::try_from((mixed ^ (mixed >> 31)) % u64::try_from(limit).unwrap()).unwrap()
    }

    /// Whether something that happens `percent` times in a hundred does.
    pub(crate) fn chance(&mut self, percent: usize) -> bool {
        self.below(100) < percent
    }

    pub(crate) fn pick<T: Clone>(&mut self, of: &[T]) -> T {
        of[self.below(of.len())].clone()
    }

    /// Up to three of the words, as a string or a list.
    fn words(&mut self, of: &[&str]) -> Value {
        let words: Vec<&str> = (0..=self.below(3)).map(|_| self.pick(of)).collect();
        if words.len() == 1 && self.chance(50) { json!(words[0]) } else { json!(words) }
    }
}

/// The actions that exist in these tests.
pub(crate) const UNIVERSE: &[&str] = &[
    "s3:GetObject",
    "s3:GetObjectTagging",
    "s3:PutObject",
    "s3:ListBucket",
    "sqs:SendMessage",
    "sqs:ReceiveMessage",
    "iam:PassRole",
    "sts:AssumeRole",
    "sts:TagSession",
];

const ACTIONS: &[&str] = &[
    "s3:GetObject",
    "S3:getobject",
    "s3:PutObject",
    "s3:ListBucket",
    "sqs:SendMessage",
    "sqs:*",
    "s3:*",
    "s3:Get*",
    "s3:?etObject",
    "s3:*Object",
    "s3:*Object*",
    "s3:NewThing",
    "iam:PassRole",
    "sts:*",
    "*",
    "*:*Object",
];

const TRUSTED: &[&str] =
    &["sts:AssumeRole", "sts:TagSession", "sts:*", "sts:Assume*", "STS:assumerole"];

const RESOURCES: &[&str] = &[
    "*",
    "arn:aws:s3:::a",
    "arn:aws:s3:::a/*",
    "arn:aws:s3:::a/x*",
    "arn:aws:s3:::a/?",
    "arn:aws:s3:::*",
    "arn:aws:s3:::b/*/x",
    "arn:aws:s3:::A",
    "arn:aws:s3:*:*:a/*",
    "arn:aws:sqs:us-east-1:111111111111:q",
    "arn:aws:sqs:*:111111111111:q*",
    "arn:aws:sqs:us-*-1:*:*",
    "arn:aws:sqs:us-east-1:11111111111?:q",
    "arn:aws:sqs:eu:2:111111111111:q",
    "arn:*:*:*:*:*",
    "arn:aws:s3:::a/${aws:username}/*",
    "arn:aws:s3:::a/${aws:username}",
    "arn:aws:s3:::${aws:username}",
    "arn:aws:s3:::a/${aws:username, 'x'}",
    "arn:aws:s3:::a/${*}",
    "arn:aws:sqs:us-east-1:${aws:PrincipalTag/Team}:q",
    "arn:aws:s3:::a/*/${aws:username}/*",
    "execute-api:/stage/*",
];

const PRINCIPALS: &[(&str, &str)] = &[
    ("AWS", "*"),
    ("AWS", "111111111111"),
    ("AWS", "arn:aws:iam::111111111111:root"),
    ("AWS", "222222222222"),
    ("AWS", "arn:aws:iam::111111111111:role/team/r"),
    ("AWS", "arn:aws:iam::111111111111:role/s"),
    ("AWS", "arn:aws:iam::222222222222:user/u"),
    ("AWS", "arn:aws:sts::111111111111:assumed-role/r/one"),
    ("AWS", "AIDAEXAMPLE"),
    ("Service", "lambda.amazonaws.com"),
    ("Service", "s3.amazonaws.com"),
    ("Federated", "accounts.google.com"),
    ("Federated", "*"),
    ("CanonicalUser", "79a59d"),
];

/// What a key holds: its operators, the values in conditions, the values in requests.
struct Key {
    name: &'static str,
    operators: &'static [&'static str],
    values: &'static [&'static str],
    held: &'static [&'static str],
}

const STRINGS: &[&str] = &[
    "StringEquals",
    "StringNotEquals",
    "StringEqualsIgnoreCase",
    "StringNotEqualsIgnoreCase",
    "StringLike",
    "StringNotLike",
];
const TEXTS: &[&str] = &["x", "X", "a/*", "a/b", "*", "?", "", "a*b", "x*", "${aws:username}"];
const HELD: &[&str] = &["x", "X", "a/b", "a/", "", "b", "aab", "xy", "*"];

/// A key that may hold ARNs and any other text, tested as either.
const TAG: [Key; 2] = [
    Key {
        name: "aws:PrincipalTag/Role",
        operators: &["ArnLike", "ArnNotLike", "ArnEquals", "ArnNotEquals"],
        values: &[ROLE, "arn:aws:iam::*:role/*", "arn:*:*:*:*:*", "arn:aws:iam::2:*"],
        held: TAGGED,
    },
    Key {
        name: "aws:PrincipalTag/Role",
        operators: &["StringEquals", "StringNotEquals", "StringLike", "StringNotLike"],
        values: &["x", "y", "*", "arn:*", ROLE],
        held: TAGGED,
    },
];
const ROLE: &str = "arn:aws:iam::111111111111:role/x";
const TAGGED: &[&str] = &["x", "y", ROLE, "arn:aws:s3:::b", "arn:x", ""];

const KEYS: &[Key] = &[
    Key { name: "s3:prefix", operators: STRINGS, values: TEXTS, held: HELD },
    Key { name: "aws:username", operators: STRINGS, values: TEXTS, held: HELD },
    Key { name: "aws:PrincipalTag/Team", operators: STRINGS, values: TEXTS, held: HELD },
    Key { name: "aws:TagKeys", operators: STRINGS, values: TEXTS, held: HELD },
    Key {
        name: "s3:max-keys",
        operators: &[
            "NumericEquals",
            "NumericNotEquals",
            "NumericLessThan",
            "NumericLessThanEquals",
            "NumericGreaterThan",
            "NumericGreaterThanEquals",
        ],
        values: &["10", "10.5", "-3", "11", "10.0"],
        held: &["10", "10.25", "10.5", "11", "12", "-3", "-4", "0"],
    },
    Key {
        name: "aws:CurrentTime",
        operators: &[
            "DateEquals",
            "DateNotEquals",
            "DateLessThan",
            "DateLessThanEquals",
            "DateGreaterThan",
            "DateGreaterThanEquals",
        ],
        values: &["2024-01-01T00:00:00Z", "2024-02-29", "1704067201", "2025-12-31T23:59:59Z"],
        held: &[
            "2024-01-01T00:00:00Z",
            "2024-01-01T00:00:01Z",
            "2024-01-02T00:00:00Z",
            "2024-02-29T00:00:00Z",
            "2023-12-31T23:59:59Z",
            "2026-01-01T00:00:00Z",
            "1704067200",
        ],
    },
    Key {
        name: "aws:SecureTransport",
        operators: &["Bool"],
        values: &["true", "false", "True"],
        held: &["true", "false", "TRUE"],
    },
    Key {
        name: "kms:Blob",
        operators: &["BinaryEquals"],
        values: &["QmluYXJ5", "Qg=="],
        held: &["QmluYXJ5", "Qg==", "Qw=="],
    },
    Key {
        name: "aws:SourceIp",
        operators: &["IpAddress", "NotIpAddress"],
        values: &["10.0.0.0/8", "10.1.0.0/16", "10.1.2.3", "203.0.113.0/24", "2001:db8::/32"],
        held: &[
            "10.0.0.1",
            "10.1.0.1",
            "10.1.2.3",
            "11.0.0.0",
            "9.255.255.255",
            "2001:db8::5",
            "::1",
        ],
    },
    Key {
        name: "aws:SourceArn",
        operators: &["ArnEquals", "ArnLike", "ArnNotEquals", "ArnNotLike", "StringLike"],
        values: &[
            "arn:aws:sns:us-east-1:111111111111:t",
            "arn:aws:sns:*:111111111111:*",
            "arn:aws:s3:::a*",
            "*",
            "arn:aws:sns:us-east-1:111111111111:${aws:username}",
        ],
        held: &[
            "arn:aws:sns:us-east-1:111111111111:t",
            "arn:aws:sns:us-east-1:222222222222:t",
            "arn:aws:sns:eu-west-1:111111111111:x:y",
            "arn:aws:s3:::ab",
        ],
    },
];

/// What the generator may write.
#[derive(Clone, Copy)]
pub(crate) struct Taste {
    pub(crate) kind: PolicyKind,
    /// Whether only actions of S3, SQS and STS are named, by name.
    pub(crate) narrow: bool,
}

/// A random document.
pub(crate) fn document(dice: &mut Dice, taste: Taste) -> Value {
    let statements: Vec<Value> = (0..=dice.below(4)).map(|_| statement(dice, taste)).collect();
    let version = if dice.chance(85) { "2012-10-17" } else { "2008-10-17" };
    json!({"Version": version, "Statement": statements})
}

/// A random statement.
pub(crate) fn statement(dice: &mut Dice, taste: Taste) -> Value {
    let mut made = Map::new();
    let mut put = |name: &str, value: Value| made.insert(name.to_owned(), value);
    put("Effect", json!(if dice.chance(72) { "Allow" } else { "Deny" }));
    let actions = match taste.kind {
        PolicyKind::Trust => TRUSTED,
        PolicyKind::Identity | PolicyKind::Resource if taste.narrow => &ACTIONS[..8],
        PolicyKind::Identity | PolicyKind::Resource => ACTIONS,
    };
    let not = dice.chance(12) && !taste.narrow && taste.kind != PolicyKind::Trust;
    put(if not { "NotAction" } else { "Action" }, dice.words(actions));
    if taste.kind != PolicyKind::Trust {
        let odd = usize::from(!dice.chance(5));
        let resources = &RESOURCES[..RESOURCES.len() - odd];
        put(if dice.chance(12) { "NotResource" } else { "Resource" }, dice.words(resources));
    }
    if taste.kind != PolicyKind::Identity {
        let name = if dice.chance(15) { "NotPrincipal" } else { "Principal" };
        put(name, if dice.chance(15) { json!("*") } else { principals(dice) });
    }
    if dice.chance(50) {
        put("Condition", conditions(dice));
    }
    Value::Object(made)
}

fn principals(dice: &mut Dice) -> Value {
    let mut kinds: BTreeMap<&str, Vec<&str>> = BTreeMap::new();
    for _ in 0..=dice.below(2) {
        let (kind, name) = dice.pick(PRINCIPALS);
        kinds.entry(kind).or_default().push(name);
    }
    json!(kinds)
}

/// Random conditions.
pub(crate) fn conditions(dice: &mut Dice) -> Value {
    let mut operators: BTreeMap<String, Map<String, Value>> = BTreeMap::new();
    for _ in 0..=dice.below(2) {
        // Tests of one key as an ARN and as text are to meet.
        let key = if dice.chance(12) { &TAG[dice.below(2)] } else { &KEYS[dice.below(KEYS.len())] };
        let several = key.name == "aws:TagKeys";
        let mut operator = dice.pick(key.operators).to_owned();
        if dice.chance(if several { 85 } else { 6 }) {
            operator = format!("{}:{operator}", dice.pick(&["ForAllValues", "ForAnyValue"]));
        }
        if dice.chance(20) {
            operator.push_str("IfExists");
        }
        let mut values = dice.words(key.values);
        if dice.chance(10) {
            operator = "Null".into();
            values = json!(dice.pick(&["true", "false"]));
        } else if dice.chance(2) {
            operator = "StringSoundsLike".into();
        } else if dice.chance(3) {
            // A test of another sort of value than the key has.
            operator = dice.pick(&["StringLike", "StringNotEquals"]).into();
        }
        let name = if dice.chance(10) { key.name.to_uppercase() } else { key.name.to_owned() };
        let keys = operators.entry(operator).or_default();
        if !keys.keys().any(|own| own.eq_ignore_ascii_case(&name)) {
            keys.insert(name, values);
        }
    }
    json!(operators)
}

/// What requests are made of: what documents name, and a few words beside.
pub(crate) struct Vocabulary {
    kind: PolicyKind,
    actions: Vec<String>,
    resources: Vec<String>,
    keys: Vec<&'static Key>,
}

impl Vocabulary {
    pub(crate) fn of(kind: PolicyKind, documents: &[&Value]) -> Self {
        let named = |elements: [&str; 2]| -> Vec<String> {
            let statements = documents.iter().flat_map(|d| d["Statement"].as_array().unwrap());
            statements.flat_map(|s| elements.map(|e| strings(&s[e])).concat()).collect()
        };
        let mut actions = named(["Action", "NotAction"]);
        actions.extend(UNIVERSE.iter().map(|&action| action.to_owned()));
        let mut resources = named(["Resource", "NotResource"]);
        resources.extend(["arn:aws:s3:::c".to_owned(), "*".to_owned()]);
        let text = documents.iter().map(ToString::to_string).collect::<String>().to_lowercase();
        let keys = KEYS
            .iter()
            .chain(&TAG[..1])
            .filter(|key| text.contains(&key.name.to_lowercase()))
            .collect();
        Self { kind, actions, resources, keys }
    }

    /// A random request.
    pub(crate) fn request(&self, dice: &mut Dice) -> Request {
        let mut request = Request::default();
        let trusted = ["sts:AssumeRole", "sts:TagSession", "sts:NotYet"];
        request.action = match self.kind {
            PolicyKind::Trust => dice.pick(&trusted).to_owned(),
            PolicyKind::Identity | PolicyKind::Resource => filled(dice, &self.actions),
        };
        if !request.action.contains(':') {
            request.action = "s3:GetObject".into();
        }
        request.resource = filled(dice, &self.resources);
        if request.resource.splitn(6, ':').filter(|f| !f.is_empty()).count() < 4 {
            request.resource = "*".into();
        }
        if self.kind != PolicyKind::Identity && dice.chance(95) {
            let (own, name) = dice.pick(PRINCIPALS);
            let name = match name {
                "*" => "other.example.com",
                "111111111111" => "arn:aws:iam::111111111111:user/any",
                "222222222222" => "arn:aws:sts::111111111111:assumed-role/s/two",
                other => other,
            };
            request.principal = Some((own.to_owned(), name.to_owned()));
        }
        for key in &self.keys {
            if dice.chance(25) {
                continue;
            }
            let several = key.name == "aws:TagKeys" && dice.chance(60);
            let held = (0..if several { 2 } else { 1 }).map(|_| dice.pick(key.held).to_owned());
            request.context.insert(key.name.to_lowercase(), held.collect());
        }
        request
    }
}

/// One of the patterns, with something for each wildcard.
fn filled(dice: &mut Dice, patterns: &[String]) -> String {
    let mut pattern = dice.pick(patterns);
    for name in ["${aws:username}", "${aws:username, 'x'}", "${aws:PrincipalTag/Team}"] {
        let value = dice.pick(&["x", "X", "a/b", "b", "", "xy"]);
        pattern = pattern.replace(name, value);
    }
    let pattern = pattern.replace("${*}", "*");
    let mut text = String::new();
    for c in pattern.chars() {
        match c {
            '*' => text.push_str(dice.pick(&[
                "",
                "x",
                "a",
                "us",
                "x/a",
                "Object",
                "111111111111",
                "eu:2",
            ])),
            '?' => text.push_str(dice.pick(&["x", "1", "G", "a", "g"])),
            other => text.push(other),
        }
    }
    if dice.chance(10) {
        text.push('x');
    }
    text
}

/// The strings of a string or a list.
pub(crate) fn strings(value: &Value) -> Vec<String> {
    match value {
        Value::String(one) => vec![one.clone()],
        Value::Array(items) => items.iter().filter_map(|v| v.as_str().map(str::to_owned)).collect(),
        Value::Null | Value::Bool(_) | Value::Number(_) | Value::Object(_) => Vec::new(),
    }
}

#[test]
fn the_generators_reach_every_operator_and_construct() {
    let mut text = String::new();
    for seed in 0..4_000 {
        let mut dice = Dice::new(seed);
        let kind = dice.pick(&[PolicyKind::Identity, PolicyKind::Resource, PolicyKind::Trust]);
        text.push_str(&document(&mut dice, Taste { kind, narrow: false }).to_string());
    }
    let mut wanted: Vec<String> =
        KEYS.iter().chain(&TAG).flat_map(|k| k.operators).map(|o| quoted(o)).collect();
    for operator in KEYS.iter().flat_map(|key| key.operators) {
        wanted.push(quoted(&format!("{operator}IfExists")));
    }
    for operator in STRINGS {
        for set in ["ForAllValues", "ForAnyValue"] {
            wanted.push(quoted(&format!("{set}:{operator}")));
            wanted.push(quoted(&format!("{set}:{operator}IfExists")));
        }
    }
    wanted.extend(ACTIONS.iter().chain(TRUSTED).chain(RESOURCES).map(|word| quoted(word)));
    wanted.extend(PRINCIPALS.iter().flat_map(|(kind, name)| [quoted(kind), quoted(name)]));
    wanted.extend(KEYS.iter().chain(&TAG).flat_map(|key| key.values).map(|value| quoted(value)));
    let elements = [
        "Allow",
        "Deny",
        "Action",
        "NotAction",
        "Resource",
        "NotResource",
        "Principal",
        "NotPrincipal",
        "Null",
        "StringSoundsLike",
        "2008-10-17",
        "2012-10-17",
    ];
    wanted.extend(elements.map(quoted));
    let missing: Vec<_> = wanted.iter().filter(|word| !text.contains(word.as_str())).collect();
    assert!(missing.is_empty(), "{missing:?}");
}

fn quoted(word: &str) -> String {
    format!("\"{word}\"")
}
