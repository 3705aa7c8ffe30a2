//! Calling a deployed function and reading its log.

use updraft_contract::Operate;

use crate::world::{World, code, function};

#[tokio::test]
async fn a_function_answers_and_its_log_can_be_read() {
    let mut world = World::new().await;
    let mut api = function("api");
    api.code = code("def handler(event, context):\n    print('hello log')\n    return event\n");
    let wanted = world.lower(vec![api]);
    world.create_all(&wanted).await;
    let answer = world.aws.invoke(&world.scope, "api", b"{\"n\": 1}").await.unwrap();
    assert_eq!(answer.error, None, "{:?}", answer.log_tail);
    assert_eq!(String::from_utf8(answer.payload).unwrap().replace(' ', ""), "{\"n\":1}");
    assert!(answer.log_tail.unwrap().contains("hello log"));
    let page = world.aws.logs(&world.scope, "api", 0).await.unwrap();
    assert!(page.lines.iter().any(|line| line.text == "hello log"), "{page:?}");
}

#[tokio::test]
async fn a_failing_function_says_how_it_failed() {
    let mut world = World::new().await;
    let mut api = function("api");
    api.code = code("def handler(event, context):\n    raise ValueError('no')\n");
    let wanted = world.lower(vec![api]);
    world.create_all(&wanted).await;
    let answer = world.aws.invoke(&world.scope, "api", b"null").await.unwrap();
    assert_eq!(answer.error.as_deref(), Some("Unhandled"));
    assert!(String::from_utf8(answer.payload).unwrap().contains("ValueError"));
}
