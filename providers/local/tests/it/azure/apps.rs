//! Function apps to test with: storage, an identity with its roles, a plan, a site, a published package.

use std::io::{Cursor, Write as _};
use std::time::{Duration, Instant};

use serde_json::{Value, json};
use updraft_local::Settings;
use zip::write::{SimpleFileOptions, ZipWriter};

use super::harness::{Azure, GROUP, LOCATION, SUBSCRIPTION};
use super::storage::{V as STORAGE, account, body};
use crate::harness::Answer;

/// The version of Microsoft.Web the tests ask for.
pub(crate) const V: &str = "2025-05-01";

/// The roles the tests give.
pub(crate) const OWNER: &str = "b7e6dc6d-f1e8-4753-8033-0f276bb0955b";
pub(crate) const SENDER: &str = "c6a89b2d-59bc-44d0-9896-0f6e12d7b80a";
pub(crate) const QUEUE_CONTRIBUTOR: &str = "974c5e8b-45b9-4653-ba55-5f855dd0fb88";
pub(crate) const PROCESSOR: &str = "8a0f0c08-91a1-4084-bc3d-661d67233fed";

pub(crate) const PUBLISHER: &str = "3913510d-42f4-4e42-8a64-420c390055eb";

/// How long something that happens by itself may take.
const PATIENCE: Duration = Duration::from_mins(2);

/// A host.json without a prefix.
pub(crate) const HOST: (&str, &str) =
    ("host.json", r#"{"version": "2.0", "extensions": {"http": {"routePrefix": ""}}}"#);

/// A zip archive.
pub(crate) fn archive(files: &[(&str, &str)]) -> Vec<u8> {
    let mut zip = ZipWriter::new(Cursor::new(Vec::new()));
    for (name, content) in files {
        zip.start_file(*name, SimpleFileOptions::default()).unwrap();
        zip.write_all(content.as_bytes()).unwrap();
    }
    zip.finish().unwrap().into_inner()
}

/// A `function.json` of a Python or Node.js function in `script`, called `handler`.
pub(crate) fn function(script: &str, trigger: &Value) -> String {
    let mut bindings = vec![trigger.clone()];
    if trigger["type"] == "httpTrigger" {
        let name = if script.contains(".py") { "$return" } else { "res" };
        bindings.push(json!({"type": "http", "direction": "out", "name": name}));
    }
    json!({"scriptFile": format!("../{script}"), "entryPoint": "handler", "bindings": bindings})
        .to_string()
}

/// An HTTP trigger.
pub(crate) fn http(route: &str, level: &str) -> Value {
    json!({"type": "httpTrigger", "direction": "in", "name": "event", "route": route, "authLevel": level})
}

/// The id of something of Microsoft.Web in the harness' group.
pub(crate) fn web(kind: &str, name: &str) -> String {
    format!("{GROUP}/providers/Microsoft.Web/{kind}/{name}")
}

/// The id of the workspace of the app's log.
pub(crate) fn workspace() -> String {
    format!("{GROUP}/providers/Microsoft.OperationalInsights/workspaces/shop-dev")
}

/// The id of the component of the app's log.
pub(crate) fn component() -> String {
    format!("{GROUP}/providers/Microsoft.Insights/components/shop-dev")
}

/// The id of the identity of the app.
pub(crate) fn identity() -> String {
    format!("{GROUP}/providers/Microsoft.ManagedIdentity/userAssignedIdentities/api")
}

/// A cloud with one function app, `shop-api`, and what it needs.
pub(crate) struct App {
    pub(crate) azure: Azure,
    /// The object id and the client id of its identity.
    pub(crate) principal: String,
    pub(crate) client: String,
    grants: std::cell::Cell<u32>,
}

impl App {
    /// An app for a runtime, its identity the owner of blobs in its host account.
    pub(crate) async fn new(settings: Settings, runtime: (&str, &str)) -> Self {
        let app = Self::ungranted(settings, runtime).await;
        app.grant(OWNER, &account("shopdevh")).await;
        app.grant(PUBLISHER, &component()).await;
        app.wait_for_the_host().await;
        app
    }

    /// The same without any role.
    pub(crate) async fn ungranted(settings: Settings, runtime: (&str, &str)) -> Self {
        let azure = furnished(settings).await;
        let made = azure.get(&identity(), "2024-11-30").await.ok().json();
        let text = |name: &str| made["properties"][name].as_str().unwrap().to_owned();
        let app = Self {
            principal: text("principalId"),
            client: text("clientId"),
            azure,
            grants: std::cell::Cell::new(0),
        };
        let site = app.azure.put(&web("sites", "shop-api"), V, &site(&app.azure, runtime)).await;
        assert_eq!(site["properties"]["state"], "Running");
        app.set(&json!({})).await;
        app
    }

    /// Assigns a role to the app's identity.
    pub(crate) async fn grant(&self, role: &str, scope: &str) {
        let number = self.grants.get() + 1;
        self.grants.set(number);
        let id = format!(
            "{scope}/providers/Microsoft.Authorization/roleAssignments/00000000-0000-0000-0000-{number:012}"
        );
        let role = format!(
            "/subscriptions/{SUBSCRIPTION}/providers/Microsoft.Authorization/roleDefinitions/{role}"
        );
        let body = json!({"properties": {
            "roleDefinitionId": role, "principalId": self.principal, "principalType": "ServicePrincipal",
        }});
        self.azure.put(&id, "2022-04-01", &body).await;
    }

    /// Writes the app's settings: those it needs, and more.
    pub(crate) async fn set(&self, more: &Value) {
        let insights = self.azure.get(&component(), "2020-02-02").await.ok().json();
        let mut settings = json!({
            "APPLICATIONINSIGHTS_CONNECTION_STRING": insights["properties"]["ConnectionString"],
            "APPLICATIONINSIGHTS_AUTHENTICATION_STRING": format!("ClientId={};Authorization=AAD", self.client),
            "AzureWebJobsStorage__accountName": "shopdevh",
            "AzureWebJobsStorage__credential": "managedidentity",
            "AzureWebJobsStorage__clientId": self.client,
            "AZURE_CLIENT_ID": self.client,
        });
        for (name, value) in more.as_object().unwrap() {
            settings[name] = value.clone();
        }
        let line = format!("PUT {}/config/appsettings?api-version={V}", web("sites", "shop-api"));
        self.azure.ok(&line, &json!({"properties": settings})).await;
    }

    /// The host's keys, once it has started.
    pub(crate) async fn wait_for_the_host(&self) -> Value {
        let line = format!("{}/host/default/listkeys", web("sites", "shop-api"));
        self.until("the host starts", async || {
            let answer = self.azure.post(&line, V, &Value::Null).await;
            (answer.status == 200).then(|| answer.json())
        })
        .await
    }

    /// Waits for something.
    pub(crate) async fn until<T>(&self, what: &str, mut look: impl AsyncFnMut() -> Option<T>) -> T {
        let begun = Instant::now();
        loop {
            if let Some(found) = look().await {
                return found;
            }
            assert!(begun.elapsed() < PATIENCE, "{what} does not happen: {:#?}", self.log().await);
            tokio::time::sleep(Duration::from_millis(20)).await;
        }
    }

    /// Sends a package.
    pub(crate) async fn send(&self, bytes: &[u8], query: &str) -> Answer {
        let line = format!("POST /_scm/shop-api/api/publish?{query}");
        let headers = [("Authorization", "Bearer local"), ("Content-Type", "application/zip")];
        self.azure.raw(&line, &headers, bytes).await.unwrap()
    }

    /// Sends a package and returns what its deployment came to.
    pub(crate) async fn deploy(&self, bytes: &[u8]) -> Value {
        let begun = self.send(bytes, "RemoteBuild=false&Deployer=test").await;
        assert_eq!(begun.status, 202, "{begun:?}");
        let line = format!("GET {}", begun.headers["location"]);
        self.until("the deployment ends", async || {
            let answer = self.azure.call(&line, &Value::Null).await;
            (answer.status == 200 && answer.json()["complete"] == true).then(|| answer.json())
        })
        .await
    }

    /// Publishes files, and waits until the functions are listed; returns their names.
    pub(crate) async fn publish(&self, files: &[(&str, &str)]) -> Vec<String> {
        let told = self.deploy(&archive(files)).await;
        assert_eq!(told["status"], 4, "{told}");
        self.until("functions are listed", async || {
            let names = self.functions().await;
            (!names.is_empty()).then_some(names)
        })
        .await
    }

    /// The names of the functions that are listed.
    pub(crate) async fn functions(&self) -> Vec<String> {
        let listed = self.azure.list(&format!("{}/functions", web("sites", "shop-api")), V).await;
        let name =
            |one: &Value| one["name"].as_str().unwrap().rsplit('/').next().unwrap().to_owned();
        listed.iter().map(name).collect()
    }

    /// Calls the app over HTTP.
    pub(crate) async fn call(&self, line: &str, headers: &[(&str, &str)], body: &[u8]) -> Answer {
        let (method, path) = line.split_once(' ').unwrap();
        self.azure.raw(&format!("{method} /_site/shop-api{path}"), headers, body).await.unwrap()
    }

    /// The texts the app logged, as the workspace tells them.
    pub(crate) async fn log(&self) -> Vec<String> {
        let query = "AppTraces | where AppRoleName =~ 'Shop-Api' | where TimeGenerated >= datetime(2020-01-01T00:00:00Z) \
                     | order by TimeGenerated asc | take 10000 | project TimeGenerated, OperationId, Message";
        let answer = self
            .azure
            .post(&format!("{}/query", workspace()), "2017-10-01", &json!({"query": query}))
            .await;
        let rows = answer.ok().json()["tables"][0]["rows"].as_array().unwrap().clone();
        rows.iter().map(|row| row[2].as_str().unwrap().to_owned()).collect()
    }

    /// Asserts that the log says something, and waits for it.
    pub(crate) async fn logs(&self, text: &str) {
        let what = format!("'{text}' in the log");
        self.until(&what, async || {
            self.log().await.iter().any(|line| line.contains(text)).then_some(())
        })
        .await;
    }
}

impl Answer {
    /// The body as text.
    pub(crate) fn said(&self) -> String {
        String::from_utf8_lossy(&self.body).into_owned()
    }
}

/// A cloud with a host account, the container `api`, the identity `api` and the plan `shop-api`.
pub(crate) async fn furnished(settings: Settings) -> Azure {
    let azure = Azure::with_group(settings).await;
    azure.put(&account("shopdevh"), STORAGE, &body()).await;
    let container = format!("{}/blobServices/default/containers/api", account("shopdevh"));
    azure.put(&container, STORAGE, &json!({"properties": {}})).await;
    azure.put(&identity(), "2024-11-30", &json!({"location": LOCATION})).await;
    azure.put(&web("serverfarms", "shop-api"), V, &plan()).await;
    azure.put(&workspace(), "2025-07-01", &json!({"location": LOCATION})).await;
    let insights = json!({"location": LOCATION, "kind": "web", "properties": {
        "Application_Type": "web", "WorkspaceResourceId": workspace(), "DisableLocalAuth": true,
    }});
    azure.put(&component(), "2020-02-02", &insights).await;
    azure
}

/// The body of a plan.
pub(crate) fn plan() -> Value {
    json!({
        "location": LOCATION, "kind": "functionapp", "sku": {"name": "FC1", "tier": "FlexConsumption"},
        "properties": {"reserved": true, "zoneRedundant": false},
    })
}

/// The body of a site on the plan of the same name.
pub(crate) fn site(azure: &Azure, (name, version): (&str, &str)) -> Value {
    let url = azure.running.azure_url();
    let host = url.strip_prefix("http://").unwrap();
    json!({
        "location": LOCATION,
        "kind": "functionapp,linux",
        "tags": {"team": "shop"},
        "identity": {"type": "UserAssigned", "userAssignedIdentities": {identity(): {}}},
        "properties": {
            "serverFarmId": web("serverfarms", "shop-api"),
            "httpsOnly": true,
            "keyVaultReferenceIdentity": identity(),
            "functionAppConfig": {
                "deployment": {"storage": {
                    "type": "blobContainer",
                    "value": format!("https://{host}/_blob/shopdevh/api"),
                    "authentication": {
                        "type": "UserAssignedIdentity", "userAssignedIdentityResourceId": identity(),
                    },
                }},
                "runtime": {"name": name, "version": version},
                "scaleAndConcurrency": {"maximumInstanceCount": 10, "instanceMemoryMB": 2048},
            },
        },
    })
}

/// Python of the version there most likely is.
pub(crate) const PYTHON: (&str, &str) = ("python", "3.12");
/// Node.js.
pub(crate) const NODE: (&str, &str) = ("node", "20");
