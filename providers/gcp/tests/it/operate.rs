//! Calling a deployed function and reading its log.

use updraft_contract::Operate;

use crate::apps::{app, code, function};
use crate::world::World;

#[tokio::test]
async fn a_function_answers_and_its_log_can_be_read() {
    let mut world = World::new().await;
    let mut api = function("api", Vec::new());
    api.code =
        code("def handler(request):\n    print('hello log')\n    return request.get_json()\n");
    world.apply(&app(vec![api], Vec::new())).await.unwrap();
    let answer = world.gcp.invoke(&world.scope, "api", b"{\"n\": 1}").await.unwrap();
    assert_eq!(answer.error, None, "{}", String::from_utf8_lossy(&answer.payload));
    let payload = String::from_utf8(answer.payload).unwrap();
    assert_eq!(payload.replace([' ', '\n'], ""), "{\"n\":1}");
    let page = world.gcp.logs(&world.scope, "api", 0).await.unwrap();
    assert!(page.lines.iter().any(|line| line.text == "hello log"), "{page:?}");
}

#[tokio::test]
async fn a_failing_function_says_so() {
    let mut world = World::new().await;
    let mut api = function("api", Vec::new());
    api.code = code("def handler(request):\n    raise ValueError('no')\n");
    world.apply(&app(vec![api], Vec::new())).await.unwrap();
    let answer = world.gcp.invoke(&world.scope, "api", b"null").await.unwrap();
    assert!(answer.error.unwrap().contains("500"));
    let error = world.gcp.invoke(&world.scope, "nobody", b"null").await.unwrap_err().to_string();
    assert!(error.contains("no function nobody"), "{error}");
}
