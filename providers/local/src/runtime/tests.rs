//! Runs real Python and Node functions.

use std::collections::BTreeMap;
use std::io::{Cursor, Write as _};
use std::sync::{Arc, Mutex};
use std::time::Duration;

use jiff::Timestamp;
use serde_json::{Value, json};
use zip::write::{SimpleFileOptions, ZipWriter};

use super::{Call, Deployed, Failure, Host, LogStyle, Logging, Outcome, Runtimes};

fn function(runtime: &str, files: &[(&str, &str)]) -> Deployed {
    let mut zip = ZipWriter::new(Cursor::new(Vec::new()));
    for (name, content) in files {
        zip.start_file(*name, SimpleFileOptions::default()).unwrap();
        zip.write_all(content.as_bytes()).unwrap();
    }
    let archive = zip.finish().unwrap().into_inner();
    Deployed {
        host: Host::Lambda,
        region: "eu-west-1".to_owned(),
        name: "f".to_owned(),
        arn: "arn:aws:lambda:eu-west-1:000000000000:function:f".to_owned(),
        revision: "1".to_owned(),
        runtime: runtime.to_owned(),
        handler: "app.handler".to_owned(),
        environment: BTreeMap::from([("GREETING".to_owned(), "hello".to_owned())]),
        memory: 256,
        timeout: Duration::from_secs(20),
        concurrency: None,
        digest: "digest".to_owned(),
        code: Arc::new(move || Ok(archive.clone())),
        logging: Logging {
            group: "/aws/lambda/f".to_owned(),
            style: LogStyle::Text,
            level: None,
            platform: None,
        },
        session: None,
        endpoint: "http://127.0.0.1:4580".to_owned(),
    }
}

fn runtimes() -> Runtimes {
    Runtimes::new(Timestamp::now)
}

async fn run(runtimes: &Runtimes, deployed: &Deployed, event: Value) -> (Outcome, Value) {
    let lines = Mutex::new(String::new());
    let sink = |stream: &str, new: &[super::Line]| {
        assert!(stream.contains("/[$LATEST]"), "{stream}");
        for line in new {
            lines.lock().unwrap().extend([line.text.as_str(), "\n"]);
        }
    };
    let request_id = "11111111-2222-3333-4444-555555555555".to_owned();
    let call = Call { request_id, payload: event.to_string().into(), client_context: None };
    let outcome = runtimes.invoke(deployed, &call, &sink).await.unwrap();
    assert_eq!(outcome.log, lines.into_inner().unwrap());
    let answer = serde_json::from_slice(&outcome.payload).unwrap();
    (outcome, answer)
}

#[tokio::test]
async fn a_python_handler_gets_event_context_and_environment_and_logs() {
    let code = r#"
import logging, os
count = 0
def handler(event, context):
    global count
    count += 1
    print("printed")
    logging.getLogger().warning("logged\ntwice")
    left = context.get_remaining_time_in_millis()
    return {"sum": event["a"] + event["b"], "greeting": os.environ["GREETING"], "count": count,
            "memory": context.memory_limit_in_mb, "name": context.function_name,
            "left": 15000 < left <= 20000, "home": "HOME" in os.environ, "text": "é"}
"#;
    let runtimes = runtimes();
    let deployed = function("python3.13", &[("app.py", code)]);
    let (outcome, answer) = run(&runtimes, &deployed, json!({"a": 1, "b": 2})).await;
    assert_eq!(
        answer,
        json!({"sum": 3, "greeting": "hello", "count": 1, "memory": "256", "name": "f",
               "left": true, "home": false, "text": "é"}),
        "{}",
        outcome.log
    );
    assert_eq!(outcome.error, None);
    let log = &outcome.log;
    assert!(log.starts_with("INIT_START Runtime Version: python3.13 (host 3."), "{log}");
    assert!(log.contains("\nprinted\n[WARNING]\t"), "{log}");
    assert!(log.contains("\t11111111-2222-3333-4444-555555555555\tlogged\ntwice\nEND "), "{log}");
    assert!(log.contains("REPORT RequestId: ") && log.contains("\tInit Duration: "), "{log}");

    let (second, answer) = run(&runtimes, &deployed, json!({"a": 1, "b": 2})).await;
    assert_eq!(answer["count"], 2, "a warm instance is used again");
    assert!(!second.log.contains("Init Duration"));

    let changed = Deployed { revision: "2".to_owned(), ..deployed };
    let (_, answer) = run(&runtimes, &changed, json!({"a": 1, "b": 2})).await;
    assert_eq!(answer["count"], 1, "a new revision starts anew");
}

#[tokio::test]
async fn failures_of_python_handlers_have_lambdas_shape() {
    let code = "def handler(event, context):\n    raise ValueError('bad ' + event)\ndef odd(event, context):\n    return {1, 2}\n";
    let deployed = function("python3.12", &[("app.py", code)]);
    let (outcome, answer) = run(&runtimes(), &deployed, json!("news")).await;
    assert_eq!(outcome.error, Some("Unhandled"));
    assert_eq!(
        (&answer["errorMessage"], &answer["errorType"]),
        (&json!("bad news"), &json!("ValueError"))
    );
    assert!(answer["stackTrace"][0].as_str().unwrap().contains("line 2, in handler"), "{answer}");
    assert!(outcome.log.contains("[ERROR] ValueError: bad news\nTraceback"), "{}", outcome.log);

    for (handler, kind, message) in [
        (
            "gone.handler",
            "Runtime.ImportModuleError",
            "Unable to import module 'gone': No module named 'gone'",
        ),
        ("app.gone", "Runtime.HandlerNotFound", "Handler 'gone' missing on module 'app'"),
        (
            "app.odd",
            "Runtime.MarshalError",
            "Unable to marshal response: Object of type set is not JSON serializable",
        ),
    ] {
        let deployed = Deployed { handler: handler.to_owned(), ..deployed.clone() };
        let (outcome, answer) = run(&runtimes(), &deployed, json!({})).await;
        assert_eq!(answer["errorType"], kind, "{answer}");
        assert_eq!(answer["errorMessage"], message);
        assert_eq!(outcome.error, Some("Unhandled"));
    }
}

#[tokio::test]
async fn node_runs_modules_of_both_kinds_and_callbacks() {
    let bodies = [
        ("app.js", "exports.handler = async (event) => ({ got: event.n });"),
        ("app.mjs", "export const handler = async (event) => ({ got: event.n });"),
        (
            "app.cjs",
            "exports.handler = (event, context, callback) => { setTimeout(() => callback(null, { got: event.n }), 5); };",
        ),
    ];
    for (file, code) in bodies {
        let (outcome, answer) =
            run(&runtimes(), &function("nodejs22.x", &[(file, code)]), json!({"n": 7})).await;
        assert_eq!(answer, json!({"got": 7}), "{file}: {}", outcome.log);
    }
    let typed = [
        ("package.json", r#"{"type": "module"}"#),
        ("app.js", "export const handler = async () => 'esm';"),
    ];
    let (outcome, answer) = run(&runtimes(), &function("nodejs20.x", &typed), json!({})).await;
    assert_eq!(answer, json!("esm"), "{}", outcome.log);
    let silent = [("app.js", "exports.handler = () => {};")];
    let (_, answer) = run(&runtimes(), &function("nodejs20.x", &silent), json!({})).await;
    assert_eq!(answer, Value::Null);
}

#[tokio::test]
async fn node_logs_and_fails_like_lambda() {
    let code = "exports.handler = async (event) => { console.log('one\\ntwo', { a: 1 }); console.error('e'); if (event.fail) throw new TypeError('no'); return context; };";
    let (outcome, answer) =
        run(&runtimes(), &function("nodejs20.x", &[("app.js", code)]), json!({"fail": true})).await;
    assert_eq!(
        (&answer["errorType"], &answer["errorMessage"]),
        (&json!("TypeError"), &json!("no"))
    );
    assert_eq!(answer["trace"][0], "TypeError: no");
    assert!(
        outcome.log.contains("\t11111111-2222-3333-4444-555555555555\tINFO\tone\ntwo { a: 1 }\n"),
        "{}",
        outcome.log
    );
    assert!(outcome.log.contains("\tERROR\tInvoke Error"), "{}", outcome.log);

    let rejecting = "exports.handler = () => new Promise(() => { Promise.reject(new Error('lost')); setTimeout(() => {}, 5000); });";
    let (_, answer) =
        run(&runtimes(), &function("nodejs20.x", &[("app.js", rejecting)]), json!({})).await;
    assert_eq!(answer["errorType"], "Runtime.UnhandledPromiseRejection", "{answer}");
}

#[tokio::test]
async fn json_logs_are_objects() {
    let code = "import logging\ndef handler(event, context):\n    logging.getLogger('mine').info('hi')\n    logging.debug('hidden')\n";
    let mut deployed = function("python3.13", &[("app.py", code)]);
    deployed.logging.style = LogStyle::Json;
    let (outcome, _) = run(&runtimes(), &deployed, json!({})).await;
    let lines: Vec<Value> =
        outcome.log.lines().map(|line| serde_json::from_str(line).unwrap()).collect();
    let kinds: Vec<_> = lines.iter().map(|line| line["type"].as_str().unwrap_or("line")).collect();
    assert_eq!(kinds, ["platform.initStart", "platform.start", "line", "platform.report"]);
    assert_eq!((&lines[2]["level"], &lines[2]["message"]), (&json!("INFO"), &json!("hi")));
    assert_eq!(lines[3]["record"]["status"], "success");

    let code = "exports.handler = async () => { console.warn('careful'); };";
    let mut deployed = function("nodejs20.x", &[("app.js", code)]);
    deployed.logging.style = LogStyle::Json;
    let (outcome, _) = run(&runtimes(), &deployed, json!({})).await;
    let line: Value = serde_json::from_str(outcome.log.lines().nth(2).unwrap()).unwrap();
    assert_eq!((&line["level"], &line["message"]), (&json!("WARN"), &json!("careful")));
}

#[tokio::test]
async fn a_timeout_kills_the_process_and_an_exit_is_reported() {
    let code = "import os, time\ndef handler(event, context):\n    print(os.getpid())\n    if event == 'exit': os._exit(3)\n    time.sleep(60)\n";
    let mut deployed = function("python3.13", &[("app.py", code)]);
    let (_, answer) = run(&runtimes(), &deployed, json!("exit")).await;
    assert_eq!(answer["errorType"], "Runtime.ExitError");
    assert!(
        answer["errorMessage"]
            .as_str()
            .unwrap()
            .ends_with("Runtime exited with error: exit status 3")
    );

    deployed.timeout = Duration::from_secs(1);
    let (outcome, answer) = run(&runtimes(), &deployed, json!({})).await;
    let message = answer["errorMessage"].as_str().unwrap();
    assert!(
        message.ends_with("11111111-2222-3333-4444-555555555555 Task timed out after 1.00 seconds"),
        "{message}"
    );
    assert_eq!(outcome.error, Some("Unhandled"));
    let pid = outcome.log.lines().nth(2).unwrap();
    assert!(pid.parse::<u32>().is_ok(), "{}", outcome.log);
    assert!(!std::path::Path::new(&format!("/proc/{pid}")).exists());
}

#[tokio::test]
async fn concurrent_events_get_instances_of_their_own_up_to_the_reservation() {
    let code = "import os, time\ndef handler(event, context):\n    time.sleep(1)\n    return os.getpid()\n";
    let mut deployed = function("python3.13", &[("app.py", code)]);
    let runtimes = runtimes();
    let ((_, one), (_, two)) =
        tokio::join!(run(&runtimes, &deployed, json!({})), run(&runtimes, &deployed, json!({})));
    assert_ne!(one, two);
    deployed.concurrency = Some(0);
    let call = Call { request_id: "x".to_owned(), payload: "{}".into(), client_context: None };
    let refused = runtimes.invoke(&deployed, &call, &|_, _| {}).await;
    assert!(matches!(refused, Err(Failure::Busy)));
}

#[tokio::test]
async fn other_runtimes_are_refused_with_a_reason() {
    let deployed = function("java21", &[("app.class", "")]);
    let call = Call { request_id: "x".to_owned(), payload: "{}".into(), client_context: None };
    let refused = runtimes().invoke(&deployed, &call, &|_, _| {}).await.unwrap_err();
    assert!(refused.to_string().starts_with("the embedded cloud cannot run java21"), "{refused}");
}

#[tokio::test]
async fn what_was_printed_without_a_line_end_is_a_line() {
    let code = "def handler(event, context):\n    print('half', end='')\n";
    let deployed = function("python3.13", &[("app.py", code)]);
    let (outcome, _) = run(&runtimes(), &deployed, json!({})).await;
    assert!(outcome.log.contains("\nhalf\nEND RequestId: "), "{}", outcome.log);
}

#[tokio::test]
async fn a_warm_instance_answers_at_once() {
    let code = "def handler(event, context):\n    print('x')\n    return event\n";
    let deployed = function("python3.13", &[("app.py", code)]);
    let runtimes = runtimes();
    run(&runtimes, &deployed, json!({})).await;
    let start = std::time::Instant::now();
    for number in 0..40 {
        assert_eq!(run(&runtimes, &deployed, json!(number)).await.1, json!(number));
    }
    // Were the end of the output not seen, each would wait half a second for it.
    assert!(start.elapsed() < Duration::from_secs(16), "{:?}", start.elapsed());
}

#[tokio::test]
async fn stopping_ends_what_is_at_work() {
    let code = "import time\ndef handler(event, context):\n    time.sleep(60)\n";
    let deployed = function("python3.13", &[("app.py", code)]);
    let runtimes = runtimes();
    let call = Call { request_id: "x".to_owned(), payload: "{}".into(), client_context: None };
    let other = runtimes.clone();
    let stop = async move {
        tokio::time::sleep(Duration::from_millis(300)).await;
        other.stop();
    };
    let (ended, ()) = tokio::join!(runtimes.invoke(&deployed, &call, &|_, _| {}), stop);
    assert!(matches!(ended, Err(Failure::Unable(_))));
}
