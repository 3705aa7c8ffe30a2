//! A project with an HTTP route and a schedule.

use super::bench::Bench;

pub(crate) const MANIFEST: &str = r#"
[project]
name = "shop"

[provider.aws]
region = "eu-west-1"

[defaults]
runtime = "python3.13"
handler = "app.handler"
memory = "256MiB"
timeout = "10s"

[function.hello]
source = "hello"

[[function.hello.trigger]]
http = { method = "GET", path = "/hello/{name}", auth = "none" }

[function.tidy]
source = "hello"

[[function.tidy.trigger]]
schedule = { rate = "1h" }
"#;

const CODE: &str = r#"
import json

def handler(event, context):
    name = (event.get("pathParameters") or {}).get("name", "nobody")
    print("greeting", name)
    return {"statusCode": 200, "body": json.dumps({"hello": name})}
"#;

pub(crate) fn shop() -> Bench {
    let bench = Bench::new();
    bench.write("updraft.toml", MANIFEST);
    bench.write("hello/app.py", CODE);
    bench
}
