//! One function on three clouds, with a secret variable.

use super::bench::Bench;

/// The manifest; `EXTRA` may be replaced by more environment.
pub(crate) const MANIFEST: &str = r#"
[project]
name = "trio"

[provider.aws]
region = "eu-west-1"

[provider.gcp]
region = "europe-west1"

[provider.azure]
region = "westeurope"

[vars.password]
secret = true

[function.hello]
provider = ["aws", "azure", "gcp"]
source = "code"
handler = "main.handler"
runtime = "python3.13"
memory = "512MiB"
timeout = "30s"
environment = { PASSWORD = "${var.password}", JOINED = "x-${var.password}-y", LEVEL = "info" }

[[function.hello.trigger]]
storage = { bucket = "bucket.pictures", events = ["created"] }

[[function.hello.access]]
to = "bucket.pictures"
verbs = ["read"]

[[function.hello.access]]
to = "queue.done"
verbs = ["send"]
env = "DONE"

[bucket.pictures]

[queue.done]
"#;

pub(crate) fn trio() -> Bench {
    let bench = Bench::new();
    bench.write("updraft.toml", MANIFEST);
    bench.write("code/main.py", "def handler(*event):\n    return None\n");
    bench
}
