//! What deploying takes: the rights of the deployer, and what IAM says it lacks.

use updraft_contract::{Auth, Permission, Permit, Trigger};

use crate::permit::{called, line, stores};
use crate::world::{World, function};

/// What the tests themselves do beside the deployer: they put an object into the bucket, and attach
/// a policy that is not ours.
const OURS: &str = r#"{"Version":"2012-10-17","Statement":{"Effect":"Allow","Action":["s3:PutObject","iam:AttachRolePolicy"],"Resource":"*"}}"#;

/// Deploys, changes and destroys an app with these rights only.
async fn life(documents: &[(String, String)]) -> Result<(), updraft_contract::CloudError> {
    use updraft_local::{Deployer, Settings};
    let aws = documents.iter().map(|(_, text)| text.clone()).chain([OURS.to_owned()]).collect();
    let deployer = Some(Deployer { aws, ..Deployer::default() });
    let mut world = World::with(Settings { deployer, ..Settings::instant() }).await;
    world.scope.destroy_data = true;
    world.managed = stores();
    let wanted = world.lower(vec![called()]);
    world.try_all(&wanted).await?;
    let sdk = crate::http::somebody(&world).await;
    let bucket = wanted.iter().find(|it| it.id.to_string() == "aws.bucket/photos").unwrap();
    let put = aws_sdk_s3::Client::from_conf(
        aws_sdk_s3::config::Builder::from(&sdk).force_path_style(true).build(),
    );
    let put = put.put_object().bucket(&bucket.outputs["name"]).key("a");
    put.body(aws_sdk_s3::primitives::ByteStream::from_static(b"x")).send().await.unwrap();
    let attach = aws_sdk_iam::Client::new(&sdk).attach_role_policy().role_name("shop-dev-api");
    attach.policy_arn("arn:aws:iam::aws:policy/AdministratorAccess").send().await.unwrap();
    let mut changed = called();
    changed.tags.insert("a".into(), "1".into());
    changed.tracing = false;
    changed.description = Some("changed".into());
    changed.reserved_concurrency = None;
    changed.log_retention_days = None;
    changed.memory_mib = 256;
    changed.code = crate::world::code("def handler(event, context):\n    return 2\n");
    let Trigger::Http { auth, .. } = &mut changed.triggers[0].trigger else { panic!() };
    *auth = Auth::Iam;
    let Trigger::Http { auth, .. } = &mut changed.triggers[1].trigger else { panic!() };
    *auth = Auth::Iam;
    let Trigger::Http { auth, .. } = &mut changed.triggers[2].trigger else { panic!() };
    *auth = Auth::Iam;
    let Trigger::Schedule { input, .. } = &mut changed.triggers[3].trigger else { panic!() };
    *input = Some("{}".into());
    for managed in &mut world.managed {
        managed.tags.insert("a".into(), "1".into());
    }
    let other = world.lower(vec![changed]);
    world.try_all(&other).await?;
    world.managed = stores();
    let back = world.lower(vec![called()]);
    world.try_all(&back).await?;
    world.try_all(&[]).await?;
    Ok(())
}

#[tokio::test]
async fn deploying_changing_and_destroying_take_what_the_deployer_has() {
    let mut open = World::new().await;
    open.managed = stores();
    let app = open.app(vec![called()]);
    let permissions = open.aws.deployer(&app, updraft_contract::Task::Apply);
    let documents = open.aws.written(&permissions);
    life(&documents).await.unwrap();
}

#[tokio::test]
async fn what_the_credentials_lack_is_what_the_simulator_refuses() {
    use updraft_contract::Task;
    use updraft_local::{Deployer, Settings};
    let open = World::new().await;
    let app = open.app(vec![function("api")]);
    let needed = open.aws.deployer(&app, Task::Apply);
    let (kept, taken): (Vec<Permission>, Vec<Permission>) =
        needed.iter().cloned().partition(|one| !line(one).starts_with("iam:PassRole"));
    let mut documents: Vec<String> =
        open.aws.written(&kept).into_iter().map(|(_, text)| text).collect();
    documents.push(
        r#"{"Version":"2012-10-17","Statement":{"Effect":"Allow","Action":"iam:SimulatePrincipalPolicy","Resource":"*"}}"#
            .to_owned(),
    );
    let with = |aws| Settings {
        deployer: Some(Deployer { aws, ..Deployer::default() }),
        ..Settings::instant()
    };
    let world = World::with(with(documents)).await;
    let lacking = world.aws.lacking(&world.scope, &needed).await.unwrap();
    assert_eq!(lacking, Some(taken));
    let blind: Vec<String> = open.aws.written(&needed).into_iter().map(|(_, text)| text).collect();
    let world = World::with(with(blind)).await;
    assert_eq!(world.aws.lacking(&world.scope, &needed).await.unwrap(), None);
}
