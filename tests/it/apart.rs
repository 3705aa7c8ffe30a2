//! Clouds are kept apart: one that hangs or refuses leaves the others' part as it is.

use std::collections::BTreeMap;
use std::future::pending;
use std::time::Duration;

use async_trait::async_trait;
use updraft::apply::{Context, apply};
use updraft::clouds::Clouds;
use updraft::event::Event;
use updraft::plan::Plan;
use updraft::survey::{Error, Surveyed, survey_all};
use updraft_contract::{
    Action, App, Cloud, CloudError, Fields, Invocation, Kind, KindSpec, Known, Live, LogPage,
    Obstacle, Operate, Origin, Provider, Resource, ResourceId, Scope, Stages, Support, Unsupported,
    Whereabouts,
};

const THING: Kind = Kind("test.thing");
const OTHER: Kind = Kind("other.thing");
const THINGS: &[KindSpec] = &[spec(THING)];
const OTHERS: &[KindSpec] = &[spec(OTHER)];

const fn spec(kind: Kind) -> KindSpec {
    KindSpec {
        kind,
        needs: &[],
        snapshots: &[],
        fields: &[],
        grants: &[],
        reads: &[],
        downtime: "",
        shows: &[],
    }
}

/// What a cloud does when it is asked.
#[derive(Clone, Copy, PartialEq)]
enum Temper {
    Answers,
    HangsWhenRead,
    HangsWhenWritten,
    Obstructed,
}

/// A cloud where nothing exists and two things are wanted.
struct Bare(Cloud, Temper);

#[async_trait]
impl Operate for Bare {
    async fn invoke(&self, _: &Scope, _: &str, _: &[u8]) -> Result<Invocation, CloudError> {
        pending().await
    }

    async fn logs(&self, _: &Scope, _: &str, _: i64) -> Result<LogPage, CloudError> {
        pending().await
    }
}

crate::permit::no_permissions!(Bare);

#[async_trait]
impl Provider for Bare {
    fn cloud(&self) -> Cloud {
        self.0
    }

    fn place(&self) -> String {
        self.0.title().to_owned()
    }

    fn whereabouts(&self) -> Whereabouts {
        Whereabouts::default()
    }

    fn kinds(&self) -> &'static [KindSpec] {
        if self.0 == Cloud::Aws { THINGS } else { OTHERS }
    }

    fn support(&self) -> &'static [Support] {
        &[]
    }

    fn desired(&self, _: &App) -> Result<Vec<Resource>, Vec<Unsupported>> {
        let kind = if self.0 == Cloud::Aws { THING } else { OTHER };
        let resource = |name: &str| Resource {
            id: ResourceId { kind, name: name.to_owned() },
            fields: Fields::default(),
            outputs: BTreeMap::new(),
            origin: Origin { path: "function.a".to_owned(), line: 1 },
        };
        Ok(vec![resource("one"), resource("two")])
    }

    async fn preflight(&self, _: &Scope, _: &App) -> Result<Vec<Obstacle>, CloudError> {
        let obstacle = Obstacle {
            message: "the API is off".to_owned(),
            mend: "switch it on".to_owned(),
            origin: None,
            blocks: true,
        };
        Ok(if self.1 == Temper::Obstructed { vec![obstacle] } else { Vec::new() })
    }

    async fn observe(&self, _: &Scope, _: &[ResourceId]) -> Result<Vec<Live>, CloudError> {
        if self.1 == Temper::HangsWhenRead { pending().await } else { Ok(Vec::new()) }
    }

    async fn examine(&self, _: &Scope, _: &[ResourceId]) -> Result<Vec<Live>, CloudError> {
        Ok(Vec::new())
    }

    async fn execute(
        &self,
        _: &Scope,
        _: &Action<Known>,
        stages: &Stages<'_>,
    ) -> Result<BTreeMap<&'static str, String>, CloudError> {
        stages.tell("thinking");
        if self.1 == Temper::HangsWhenWritten { pending().await } else { Ok(BTreeMap::new()) }
    }
}

fn scope() -> Scope {
    Scope {
        project: "shop".to_owned(),
        stage: "test".to_owned(),
        run: "r1".to_owned(),
        artifacts: BTreeMap::new(),
        destroy_data: false,
        thorough: false,
    }
}

async fn surveyed(clouds: &Clouds<'_>) -> Surveyed {
    let app = App {
        project: "shop".to_owned(),
        stage: "test".to_owned(),
        providers: BTreeMap::new(),
        functions: Vec::new(),
        managed: Vec::new(),
    };
    survey_all(clouds, &scope(), &app, Duration::from_millis(500)).await
}

fn created(surveyed: &Surveyed) -> Vec<String> {
    surveyed.changes.iter().map(|change| change.id().to_string()).collect()
}

#[tokio::test]
async fn a_cloud_that_hangs_is_left_out_and_named() {
    let (fine, hangs) =
        (Bare(Cloud::Aws, Temper::Answers), Bare(Cloud::Gcp, Temper::HangsWhenRead));
    let clouds = Clouds::of([&fine as &dyn Provider, &hangs]);
    let surveyed = surveyed(&clouds).await;
    assert_eq!(created(&surveyed), ["test.thing/one", "test.thing/two"]);
    let [(Cloud::Gcp, Error::Cloud(CloudError::TimedOut { .. }))] = surveyed.missing.as_slice()
    else {
        panic!("{:?}", surveyed.missing)
    };
}

#[tokio::test]
async fn a_cloud_with_an_obstacle_is_left_out_and_says_how_to_mend_it() {
    let (fine, blocked) = (Bare(Cloud::Gcp, Temper::Answers), Bare(Cloud::Aws, Temper::Obstructed));
    let clouds = Clouds::of([&blocked as &dyn Provider, &fine]);
    let surveyed = surveyed(&clouds).await;
    assert_eq!(created(&surveyed), ["other.thing/one", "other.thing/two"]);
    let [(Cloud::Aws, Error::Obstructed(obstacles))] = surveyed.missing.as_slice() else {
        panic!("{:?}", surveyed.missing)
    };
    assert_eq!(obstacles[0].mend, "switch it on");
}

#[tokio::test]
async fn steps_of_a_cloud_that_hangs_hold_up_no_other_clouds_steps() {
    let (fine, hangs) =
        (Bare(Cloud::Aws, Temper::Answers), Bare(Cloud::Gcp, Temper::HangsWhenWritten));
    let clouds = Clouds::of([&hangs as &dyn Provider, &fine]);
    let plan = Plan::of(surveyed(&clouds).await.changes, clouds.kinds()).unwrap();
    let scope = scope();
    let context =
        Context { clouds: &clouds, scope: &scope, parallelism: 1, should_stop: &|| false };
    let (mut done, mut stages) = (Vec::new(), Vec::new());
    let mut on_event = |event: Event| match event {
        Event::Finished { target, .. } => done.push(target.to_string()),
        Event::Stage { target, stage, .. } => stages.push(format!("{target}: {stage}")),
        Event::Started { .. } | Event::Failed { .. } | Event::Skipped { .. } => {}
    };
    let applied = apply(&plan, &context, &mut on_event);
    let ended = tokio::time::timeout(Duration::from_secs(2), applied).await;
    assert!(ended.is_err(), "the hanging step ended");
    assert_eq!(done, ["test.thing/one", "test.thing/two"]);
    assert!(stages.contains(&"other.thing/one: thinking".to_owned()), "{stages:?}");
}
