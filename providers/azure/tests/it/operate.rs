//! Functions are called, and tell what they have printed.

use std::collections::BTreeMap;
use std::time::{Duration, Instant};

use updraft_contract::{Auth, Cloud, LogLine, Operate, ProviderConfig};

use crate::apps::{app, code, every, function, of_route};
use crate::world::{APPLICATION, World};

const PRINTS: &str = "\
def handler(event, context):
    print('called')
    return 'hello ' + event.get_body().decode() if hasattr(event, 'get_body') else None
";

/// Reads the log until a line of it says `text`.
async fn line(world: &World, name: &str, text: &str) -> LogLine {
    let started = Instant::now();
    loop {
        let page = world.azure.logs(&world.scope, name, 0).await.unwrap();
        if let Some(line) = page.lines.iter().find(|line| line.text.contains(text)) {
            return line.clone();
        }
        assert!(started.elapsed() < Duration::from_mins(2), "{page:?}");
        tokio::time::sleep(Duration::from_millis(50)).await;
    }
}

#[tokio::test]
async fn functions_over_http_answer_and_others_tell_in_their_log() {
    let mut world = World::new().await;
    let mut functions = vec![
        function("open", vec![of_route("/", Auth::None)]),
        function("keyed", vec![of_route("/items", Auth::Key)]),
        function("guarded", vec![of_route("/", Auth::Iam)]),
        function("timed", vec![every(60)]),
    ];
    for function in &mut functions {
        function.code = code(PRINTS);
    }
    let mut app = app(functions, Vec::new());
    let application = Some(APPLICATION.into());
    let said = ProviderConfig { application, ..ProviderConfig::default() };
    app.providers = BTreeMap::from([(Cloud::Azure, said)]);
    world.apply(&app).await.unwrap();
    for name in ["open", "keyed", "guarded"] {
        let done = world.azure.invoke(&world.scope, name, b"you").await.unwrap();
        assert_eq!(
            (done.error, done.payload.as_slice()),
            (None, b"hello you".as_slice()),
            "{name}"
        );
        let first = line(&world, name, "called").await;
        // The same line read twice is the same.
        assert_eq!(line(&world, name, "called").await, first);
        let later = world.azure.logs(&world.scope, name, first.at + 1_000_000).await.unwrap();
        assert_eq!(later.lines, []);
    }
    let done = world.azure.invoke(&world.scope, "timed", b"{}").await.unwrap();
    assert!(done.error.is_none() && done.log_tail.is_some(), "{done:?}");
    line(&world, "timed", "called").await;
}
