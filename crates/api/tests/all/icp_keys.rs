//! What each key of an ICP's PATCH takes and refuses.

use serde_json::{Value, json};

/// One key of the body.
pub struct Key {
    /// The schema that it belongs to.
    pub schema: &'static str,
    /// The object around it, sound but for the key.
    pub around: Value,
    pub key: &'static str,
    /// What is said when it is missing; `None` when it may be.
    pub absent: Option<&'static str>,
    /// What is said of null; `None` when it may be.
    pub null: Option<&'static str>,
    /// Values that are refused, where below the key, and with which words.
    pub bad: Vec<(Value, Value, String)>,
    pub good: Vec<Value>,
}

impl Key {
    fn of(schema: &'static str, around: Value, key: &'static str) -> Self {
        Self { schema, around, key, absent: None, null: None, bad: Vec::new(), good: Vec::new() }
    }

    fn required(mut self) -> Self {
        self.absent = Some("Required");
        self
    }

    /// Not nullable.
    fn not_null(mut self, message: &'static str) -> Self {
        self.null = Some(message);
        self
    }

    fn bad(self, value: Value, message: &str) -> Self {
        self.bad_at(value, json!([]), message)
    }

    fn bad_at(mut self, value: Value, below: Value, message: &str) -> Self {
        self.bad.push((value, below, message.to_owned()));
        self
    }

    fn good(mut self, values: &[Value]) -> Self {
        self.good.extend_from_slice(values);
        self
    }

    /// The body with the key at this value (`None`: without the key).
    pub fn body(&self, value: Option<Value>) -> Value {
        let mut object = self.around.clone();
        if let Some(value) = value {
            object[self.key] = value;
        }
        match self.schema {
            "IcpPatch" => object,
            "LeadProviderCriterion" => json!({"leadProviderCriteria": [object]}),
            "CustomFilter" => json!({"customFilterCriteria": [object]}),
            "CrmFilters" => json!({"crmFilters": object}),
            _ => json!({"crmFilters": {"provider": "bullhorn", "filters": [object]}}),
        }
    }

    pub fn path(&self, below: &Value) -> Value {
        let mut path = match self.schema {
            "IcpPatch" => vec![],
            "LeadProviderCriterion" => vec![json!("leadProviderCriteria"), json!(0)],
            "CustomFilter" => vec![json!("customFilterCriteria"), json!(0)],
            "CrmFilters" => vec![json!("crmFilters")],
            _ => vec![json!("crmFilters"), json!("filters"), json!(0)],
        };
        path.push(json!(self.key));
        path.extend(below.as_array().into_iter().flatten().cloned());
        Value::Array(path)
    }
}

/// A key that takes a string of `min` to `max` characters.
fn string(key: Key, min: usize, max: usize) -> Key {
    let key = key
        .bad(json!(5), "Expected string, received number")
        .bad(json!(["x"]), "Expected string, received array")
        .bad(json!({}), "Expected string, received object")
        .bad(json!(true), "Expected string, received boolean")
        .bad(json!("ü".repeat(max + 1)), &format!("String must contain at most {max} character(s)"))
        .good(&[json!("ü".repeat(max)), json!("x")]);
    match min {
        0 => key.good(&[json!("")]),
        _ => key.bad(json!(""), "String must contain at least 1 character(s)"),
    }
}

/// A key that takes one of some names.
fn name(mut key: Key, names: &[&str]) -> Key {
    let all = names.iter().map(|name| format!("'{name}'")).collect::<Vec<_>>().join(" | ");
    for wrong in ["", "x", &names[0].to_uppercase(), &format!("{} ", names[0])] {
        let text = format!("Invalid enum value. Expected {all}, received '{wrong}'");
        key = key.bad(json!(wrong), &text);
    }
    key.bad(json!(1), "Expected string, received number")
}

/// A key that takes a whole number from `min` to `max`.
fn whole(key: Key, min: i64, max: i64) -> Key {
    let low = format!("Number must be greater than or equal to {min}");
    let high = format!("Number must be less than or equal to {max}");
    key.not_null("Expected number, received null")
        .bad(json!("50"), "Expected number, received string")
        .bad(json!([1]), "Expected number, received array")
        .bad(json!(false), "Expected number, received boolean")
        .bad(json!(1.5), "Expected integer, received float")
        .bad(json!(min - 1), &low)
        .bad(json!(-1e300), &low)
        .bad(json!(max + 1), &high)
        .bad(json!(u64::MAX), &high)
        .bad(json!(1e300), &high)
        .good(&[json!(min), json!(max), json!(5.0)])
}

const NULL_STRING: &str = "Expected string, received null";
const FIVE_FIELDS: &str =
    "Invalid schedule: expected five fields: minute, hour, day of month, month, day of week";
const NULL_ARRAY: &str = "Expected array, received null";

fn top(key: &'static str) -> Key {
    Key::of("IcpPatch", json!({}), key)
}

fn top_keys() -> Vec<Key> {
    vec![
        string(top("name"), 1, 255)
            .not_null(NULL_STRING)
            .bad(json!(" \n\t "), "String must contain at least 1 character(s)")
            .good(&[json!(format!("  {}  ", "x".repeat(255)))]),
        string(top("description"), 0, 10_000),
        top("userIds")
            .not_null(NULL_ARRAY)
            .bad(json!("user_abc123"), "Expected array, received string")
            .bad(json!({}), "Expected array, received object")
            .bad_at(json!(["a", 1]), json!([1]), "Expected string, received number")
            .bad_at(json!([null]), json!([0]), NULL_STRING)
            .bad_at(json!([""]), json!([0]), "String must contain at least 1 character(s)")
            .bad_at(json!(["x".repeat(256)]), json!([0]), "String must contain at most 255 character(s)")
            .bad(json!(vec!["x"; 1_001]), "Array must contain at most 1000 element(s)")
            .good(&[json!(["user_abc123"]), json!(["user_abc123", "user_abc123", "x"])]),
        whole(top("leadsPerList"), 1, 10_000),
        top("activeUntil")
            .bad(json!(1_706_174_100), "Expected string, received number")
            .bad(json!("soon"), "Invalid datetime")
            .bad(json!(""), "Invalid datetime")
            .bad(json!("2024-13-01T00:00:00Z"), "Invalid datetime")
            .bad(json!("2024-02-30"), "Invalid datetime")
            .bad(json!("2024-01-01T00:00:00"), "Invalid datetime")
            .bad(json!("12024-01-01T00:00:00Z"), "Invalid datetime")
            .good(&[
                json!("2024-12-31T23:59:59.000Z"),
                json!("2025-01-01T00:00:00+05:30"),
                json!("2025-01-01"),
            ]),
        top("schedule")
            .bad(json!(5), "Expected string, received number")
            .bad(json!(["@daily"]), "Expected string, received array")
            .bad(json!(""), "String must contain at least 1 character(s)")
            .bad(json!("*".repeat(101)), "String must contain at most 100 character(s)")
            .bad(json!("* * * *"), FIVE_FIELDS)
            .bad(json!("0 * * * * *"), FIVE_FIELDS)
            .bad(json!("every day"), FIVE_FIELDS)
            .bad(json!("0 0 30 2 *"), "This schedule is never due: '0 0 30 2 *'")
            .bad(json!(" @daily"), "Invalid schedule: expected a cron expression without space around it")
            .good(&[json!("*/15 8-18 * * 1-5"), json!("@daily")]),
        top("leadProviderCriteria")
            .not_null(NULL_ARRAY)
            .bad(json!({}), "Expected array, received object")
            .bad_at(json!(["x"]), json!([0]), "Expected object, received string")
            .bad_at(json!([null]), json!([0]), "Expected object, received null")
            .bad(json!(vec![json!({}); 101]), "Array must contain at most 100 element(s)")
            .good(&[json!([])]),
        top("customFilterCriteria")
            .not_null(NULL_ARRAY)
            .bad(json!("x"), "Expected array, received string")
            .bad_at(json!([1]), json!([0]), "Expected object, received number")
            .bad_at(json!([[]]), json!([0]), "Expected object, received array")
            .bad(json!(vec![json!({}); 101]), "Array must contain at most 100 element(s)")
            .good(&[json!([])]),
        top("crmFilters")
            .bad(json!([]), "Expected object, received array")
            .bad(json!("bullhorn"), "Expected object, received string")
            .bad_at(json!({}), json!(["provider"]), "Required")
            .good(&[json!({"provider": "bullhorn"})]),
    ]
}

fn criterion_keys() -> Vec<Key> {
    let key = |key| {
        let mut around = json!({"provider": "baseProvider", "filters": {}});
        around.as_object_mut().expect("an object").shift_remove(key);
        Key::of("LeadProviderCriterion", around, key)
    };
    vec![
        name(key("provider"), &["baseProvider"])
            .required()
            .not_null(NULL_STRING)
            .good(&[json!("baseProvider")]),
        name(key("type"), &["person", "company"])
            .not_null(NULL_STRING)
            .good(&[json!("person"), json!("company")]),
        key("filters")
            .required()
            .not_null("Expected object, received null")
            .bad(json!([]), "Expected object, received array")
            .bad(json!("CTO"), "Expected object, received string")
            .bad_at(json!({"foo": 1}), json!(["foo"]), "Unrecognized key: 'foo'")
            .bad_at(json!({"job_title": 1}), json!(["job_title"]), "Expected array, received number")
            .bad_at(
                json!({"job_title": [""]}),
                json!(["job_title", 0]),
                "String must contain at least 1 character(s)",
            )
            .good(&[json!({}), json!({"job_title": "CTO"}), json!({"seniority": ["c_suite"]})]),
    ]
}

fn filter(around: Value, key: &'static str) -> Key {
    Key::of("CustomFilter", around, key)
}

fn custom_filter_keys() -> Vec<Key> {
    let typed = |name: &str| json!({"type": name});
    let types = [
        "website",
        "webscraping",
        "ai",
        "maxPeoplePerCompany",
        "maxPercentFromCRM",
        "minDaysUntilReuse",
        "matchFieldWithRegex",
    ];
    let website = || json!({"type": "website", "prompt": "p"});
    let field = || json!({"type": "matchFieldWithRegex", "field": "firstName", "regex": "x"});
    let without = |mut object: Value, key: &str| {
        object.as_object_mut().expect("an object").shift_remove(key);
        object
    };
    let strings = |key: Key| {
        key.bad(json!("x"), "Expected array, received string")
            .bad_at(json!(["a", 1]), json!([1]), "Expected string, received number")
            .bad_at(json!([""]), json!([0]), "String must contain at least 1 character(s)")
            .bad(json!(vec!["x"; 2_001]), "Array must contain at most 2000 element(s)")
            .good(&[json!([]), json!(["x", "y"])])
    };
    vec![
        name(filter(json!({}), "type"), &types).required().not_null(NULL_STRING),
        whole(filter(typed("maxPeoplePerCompany"), "value"), 0, 1_000_000).required(),
        whole(filter(typed("minDaysUntilReuse"), "value"), 0, 36_500).required(),
        filter(typed("maxPercentFromCRM"), "value")
            .required()
            .not_null("Expected number, received null")
            .bad(json!("5"), "Expected number, received string")
            .bad(json!(-0.1), "Number must be greater than or equal to 0")
            .bad(json!(100.1), "Number must be less than or equal to 100")
            .good(&[json!(0), json!(12.5), json!(100), json!(100.0)]),
        name(filter(website(), "provider"), &["browserUse", "builtin", "chromium"])
            .not_null(NULL_STRING)
            .good(&[json!("browserUse"), json!("builtin"), json!("chromium")]),
        string(filter(typed("website"), "prompt"), 1, 10_000).required().not_null(NULL_STRING),
        name(filter(typed("webscraping"), "provider"), &["firecrawl", "builtin"])
            .not_null(NULL_STRING)
            .good(&[json!("firecrawl"), json!("builtin")]),
        string(filter(typed("webscraping"), "extractionPrompt"), 1, 10_000),
        string(filter(typed("webscraping"), "pageFindingPrompt"), 1, 10_000),
        strings(filter(typed("webscraping"), "includeSearchStrings")),
        strings(filter(typed("webscraping"), "excludeSearchStrings")),
        name(filter(json!({"type": "ai", "prompt": "p"}), "entityType"), &["person", "company"])
            .required()
            .not_null(NULL_STRING)
            .good(&[json!("person"), json!("company")]),
        string(filter(json!({"type": "ai", "entityType": "person"}), "prompt"), 1, 10_000)
            .required()
            .not_null(NULL_STRING),
        filter(without(field(), "field"), "field")
            .required()
            .not_null(NULL_STRING)
            .bad(json!(1), "Expected string, received number")
            .bad(json!(""), "String must contain at least 1 character(s)")
            .bad(json!("first_name"), "Unknown field path: 'first_name'")
            .bad(json!("company."), "Unknown field path: 'company.'")
            .bad(json!("headcount"), "Unknown field path for a person search: 'headcount'")
            .good(&[json!("firstName"), json!("company.headcount"), json!("workExperiences.company.name")]),
        filter(without(field(), "regex"), "regex")
            .required()
            .not_null(NULL_STRING)
            .bad(json!(1), "Expected string, received number")
            .bad(json!(""), "String must contain at least 1 character(s)")
            .bad(json!("("), "Invalid regex: unclosed group")
            .bad(
                json!("(?=x)"),
                "Invalid regex: look-around, including look-ahead and look-behind, is not supported",
            )
            .bad(json!(r"(a)\1"), "Invalid regex: backreferences are not supported")
            .bad(json!(r"\w{5000}"), "Invalid regex: compiles to more than 1048576 bytes")
            .good(&[json!("^C[A-Z]O$"), json!("(?i)chief")]),
    ]
}

fn crm_keys() -> Vec<Key> {
    let crm = |key| Key::of("CrmFilters", json!({"provider": "bullhorn"}), key);
    let condition = |key: &'static str| {
        let mut around = json!({"path": "status", "mode": "equals", "value": "x"});
        around.as_object_mut().expect("an object").shift_remove(key);
        Key::of("CrmCondition", around, key)
    };
    let bad_path = "Invalid field path: expected names joined by dots, such as 'address.zip'";
    let listed = Key::of("CrmCondition", json!({"path": "status", "mode": "in"}), "value");
    vec![
        name(Key::of("CrmFilters", json!({}), "provider"), &["bullhorn"])
            .required()
            .not_null(NULL_STRING)
            .good(&[json!("bullhorn")]),
        string(crm("textSearch"), 0, 10_000),
        string(crm("query"), 0, 10_000),
        crm("filters")
            .not_null(NULL_ARRAY)
            .bad(json!({}), "Expected array, received object")
            .bad_at(json!(["x"]), json!([0]), "Expected object, received string")
            .bad(json!(vec![json!({}); 101]), "Array must contain at most 100 element(s)")
            .good(&[json!([])]),
        condition("path")
            .required()
            .not_null(NULL_STRING)
            .bad(json!(["address", "zip"]), "Expected string, received array")
            .bad(json!(""), "String must contain at least 1 character(s)")
            .bad(json!("address..zip"), bad_path)
            .bad(json!("status:x OR 1"), bad_path)
            .good(&[json!("address.zip"), json!("customText1")]),
        name(condition("mode"), &["equals", "in", "startsWith"])
            .required()
            .not_null(NULL_STRING)
            .good(&[json!("equals"), json!("startsWith")]),
        string(condition("value"), 0, 10_000).required().not_null(NULL_STRING),
        listed
            .required()
            .not_null(NULL_ARRAY)
            .bad(json!("x"), "Expected array, received string")
            .bad_at(json!(["x", 1]), json!([1]), "Expected string, received number")
            .good(&[json!([]), json!(["x", ""])]),
        condition("exclude")
            .not_null("Expected boolean, received null")
            .bad(json!("true"), "Expected boolean, received string")
            .bad(json!(0), "Expected boolean, received number")
            .good(&[json!(true), json!(false)]),
    ]
}

/// All keys, those of nested objects too.
pub fn table() -> Vec<Key> {
    [top_keys(), criterion_keys(), custom_filter_keys(), crm_keys()].into_iter().flatten().collect()
}
