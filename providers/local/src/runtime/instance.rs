//! One running instance of a function: an interpreter's process and its Runtime API.
//!
//! The process is killed when the instance is dropped.

use std::path::Path;
use std::process::{ExitStatus, Stdio};
use std::time::Duration;

use bytes::Bytes;
use jiff::Timestamp;
use serde_json::json;
use tokio::process::{Child, Command};
use tokio::sync::mpsc;
use tokio::time::{Instant, MissedTickBehavior, interval, sleep_until, timeout};

use super::api::{Answer, Offer, RuntimeApi};
use super::deployed::{Call, Deployed, Ending, Host, LogStyle, Outcome, Sink, Stream};
use super::environment::{cloud_run, environment, functions};
use super::interpreter::Interpreter;
use super::output::{Journal, Written, read_lines};
use super::platform::{self, Report};

/// How long Lambda lets a function initialise before the invocation's own time counts
/// (docs.aws.amazon.com/lambda/latest/dg/lambda-runtime-environment.html).
const INIT_LIMIT: Duration = Duration::from_secs(10);

/// How long output that was written before an answer may take to arrive.
const STRAGGLERS: Duration = Duration::from_millis(500);

/// A started function.
pub(crate) struct Instance {
    child: Child,
    api: RuntimeApi,
    written: mpsc::UnboundedReceiver<Written>,
    stream: String,
    started: Instant,
    initialised: bool,
    /// On how many of its two streams this invocation's output has ended.
    ends: u8,
    host: String,
    now: fn() -> Timestamp,
}

/// How waiting for the process ended.
enum Ended {
    Returned(Bytes),
    Failed(Bytes),
    Exited(Option<ExitStatus>),
    TimedOut,
}

/// An answer and whether the instance may serve again.
pub(crate) struct Finished {
    /// The answer.
    pub(crate) outcome: Outcome,
    /// Whether the process is still good.
    pub(crate) reusable: bool,
}

impl Instance {
    /// Starts the interpreter; initialising happens with the first invocation.
    pub(crate) async fn start(
        deployed: &Deployed,
        interpreter: &Interpreter,
        task_root: &Path,
        now: fn() -> Timestamp,
    ) -> Result<Self, String> {
        let api = RuntimeApi::start(deployed.host)
            .await
            .map_err(|error| format!("no Runtime API: {error}"))?;
        let stream =
            format!("{}/[$LATEST]{}", now().strftime("%Y/%m/%d"), uuid::Uuid::new_v4().simple());
        let mut command = Command::new(&interpreter.program);
        command
            .arg(&interpreter.bootstrap)
            .current_dir(task_root)
            .env_clear()
            .envs(&deployed.environment)
            .stdin(Stdio::null())
            .stdout(Stdio::piped())
            .stderr(Stdio::piped())
            .kill_on_drop(true);
        match deployed.host {
            Host::Lambda => command
                .envs(environment(deployed, interpreter, task_root))
                .env("AWS_LAMBDA_LOG_STREAM_NAME", &stream)
                .env("AWS_LAMBDA_RUNTIME_API", &api.address),
            Host::CloudRun => command
                .envs(cloud_run(deployed, interpreter))
                .env("UPDRAFT_RUNTIME_API", &api.address),
            Host::Functions => command
                .envs(functions(deployed, interpreter, task_root))
                .env("UPDRAFT_RUNTIME_API", &api.address),
        };
        // Ctrl-C at a terminal is for us; we end the functions in our own order.
        #[cfg(unix)]
        command.process_group(0);
        let mut child = command
            .spawn()
            .map_err(|error| format!("cannot start {}: {error}", interpreter.program.display()))?;
        let (writer, written) = mpsc::unbounded_channel();
        if let Some(stdout) = child.stdout.take() {
            tokio::spawn(read_lines((stdout, Stream::Out), writer.clone(), now));
        }
        if let Some(stderr) = child.stderr.take() {
            tokio::spawn(read_lines((stderr, Stream::Err), writer, now));
        }
        let host = interpreter.version.clone();
        let started = Instant::now();
        Ok(Self { child, api, written, stream, started, initialised: false, ends: 0, host, now })
    }

    /// Whether the process is still there.
    pub(crate) fn alive(&mut self) -> bool {
        matches!(self.child.try_wait(), Ok(None))
    }

    /// Runs one event to its end.
    pub(crate) async fn run(
        &mut self,
        deployed: &Deployed,
        call: &Call,
        sink: Sink<'_>,
    ) -> Finished {
        let mut journal =
            Journal { sink, stream: self.stream.clone(), pending: Vec::new(), all: String::new() };
        let log = &deployed.logging;
        self.ends = 0;
        let (init, early) = self.initialise(deployed, &mut journal).await;
        journal.platform((self.now)(), platform::start(log, (self.now)(), &call.request_id));
        let begun = Instant::now();
        let ended = match early {
            Some(ended) => ended,
            None => self.handle(deployed, call, &mut journal).await,
        };
        let duration = begun.elapsed().min(deployed.timeout);
        self.stragglers(&ended, &mut journal).await;
        let (outcome, status) = self.describe(ended, deployed, call, &mut journal);
        let memory = deployed.memory;
        let used = self.memory_used();
        let report = Report { duration, init, memory, used, status };
        let lines = platform::end(log, (self.now)(), &call.request_id, &report);
        journal.platform((self.now)(), lines);
        journal.flush();
        let reusable = matches!(status, "success" | "error") && self.alive() && self.initialised;
        Finished { outcome: Outcome { log: journal.all, ..outcome }, reusable }
    }

    /// Waits until the bootstrap asks for its first event. Returns how long that took, and how
    /// it ended if it did not get that far.
    async fn initialise(
        &mut self,
        deployed: &Deployed,
        journal: &mut Journal<'_>,
    ) -> (Option<Duration>, Option<Ended>) {
        if self.initialised {
            return (None, None);
        }
        let line =
            platform::init_start(&deployed.logging, (self.now)(), &deployed.runtime, &self.host);
        journal.platform((self.now)(), line);
        let deadline = Instant::now() + INIT_LIMIT + deployed.timeout;
        match self.wait(deadline, "", journal).await {
            None => {
                self.initialised = true;
                (Some(self.started.elapsed()), None)
            }
            early => (Some(self.started.elapsed()), early),
        }
    }

    async fn handle(
        &mut self,
        deployed: &Deployed,
        call: &Call,
        journal: &mut Journal<'_>,
    ) -> Ended {
        let timeout = i64::try_from(deployed.timeout.as_millis()).unwrap_or(i64::MAX);
        let seconds = (self.now)().as_second();
        let random = uuid::Uuid::new_v4().simple().to_string();
        let root: String = random.chars().take(24).collect();
        let offer = Offer {
            id: call.request_id.clone(),
            deadline: (self.now)().as_millisecond().saturating_add(timeout),
            arn: deployed.arn.clone(),
            trace: format!("Root=1-{seconds:08x}-{root};Sampled=0"),
            client_context: call.client_context.clone(),
            payload: call.payload.clone(),
        };
        // The receiving end lives as long as the Runtime API's server, thus as this instance.
        let _ = self.api.offers.send(offer);
        let deadline = Instant::now() + deployed.timeout;
        self.wait(deadline, &call.request_id, journal).await.unwrap_or(Ended::Exited(None))
    }

    /// Waits for the answer to `id`, or with no id for readiness (`None`).
    async fn wait(
        &mut self,
        deadline: Instant,
        id: &str,
        journal: &mut Journal<'_>,
    ) -> Option<Ended> {
        let mut tick = interval(Duration::from_secs(1));
        tick.set_missed_tick_behavior(MissedTickBehavior::Delay);
        loop {
            tokio::select! {
                biased;
                Some(written) = self.written.recv() => self.take(written, journal),
                Some(answer) = self.api.answers.recv() => match answer {
                    Answer::Ready if id.is_empty() => return None,
                    Answer::Returned { id: of, payload } if of == id => {
                        return Some(Ended::Returned(payload));
                    }
                    Answer::Failed { id: of, payload } if of == id => {
                        return Some(Ended::Failed(payload));
                    }
                    Answer::Unloadable { payload } => return Some(Ended::Failed(payload)),
                    // Asking for the next event, or a late answer to an earlier one.
                    Answer::Ready | Answer::Returned { .. } | Answer::Failed { .. } => {}
                },
                status = self.child.wait() => return Some(Ended::Exited(status.ok())),
                () = sleep_until(deadline) => return Some(Ended::TimedOut),
                _ = tick.tick() => journal.flush(),
            }
        }
    }

    /// Collects the output that was written before the answer and is still on its way.
    async fn stragglers(&mut self, ended: &Ended, journal: &mut Journal<'_>) {
        if matches!(ended, Ended::TimedOut) {
            let _ = self.child.kill().await;
        }
        while self.ends < 2 {
            match timeout(STRAGGLERS, self.written.recv()).await {
                Ok(Some(written)) => self.take(written, journal),
                Ok(None) | Err(_) => break,
            }
        }
    }

    fn take(&mut self, written: Written, journal: &mut Journal<'_>) {
        match written {
            Written::Line(line) => journal.add(line),
            Written::End => self.ends += 1,
        }
    }

    fn describe(
        &self,
        ended: Ended,
        deployed: &Deployed,
        call: &Call,
        journal: &mut Journal<'_>,
    ) -> (Outcome, &'static str) {
        let now = (self.now)();
        let id = &call.request_id;
        let log = String::new();
        let unhandled =
            |payload: Bytes, ending| Outcome { payload, error: Some("Unhandled"), ending, log };
        let bare = deployed.logging.style == LogStyle::Bare;
        match ended {
            Ended::Returned(payload) => {
                let log = String::new();
                (Outcome { payload, error: None, ending: Ending::Answered, log }, "success")
            }
            Ended::Failed(payload) => (unhandled(payload, Ending::Failed), "error"),
            Ended::TimedOut => {
                let seconds = deployed.timeout.as_secs_f64();
                let stamp = platform::stamp(now);
                let text = format!("{stamp} {id} Task timed out after {seconds:.2} seconds");
                journal.platform(now, (!bare).then(|| text.clone()));
                let error = json!({ "errorMessage": text }).to_string();
                (unhandled(error.into(), Ending::TimedOut), "timeout")
            }
            Ended::Exited(status) => {
                let message = format!("RequestId: {id} Error: Runtime exited {}", cause(status));
                journal.platform(now, (!bare).then(|| message.clone()));
                let error = json!({"errorType": "Runtime.ExitError", "errorMessage": message});
                (unhandled(error.to_string().into(), Ending::Exited), "failure")
            }
        }
    }

    /// The most memory the process ever had resident, where the host tells.
    fn memory_used(&self) -> Option<u64> {
        let status = std::fs::read_to_string(format!("/proc/{}/status", self.child.id()?)).ok()?;
        let line = status.lines().find_map(|line| line.strip_prefix("VmHWM:"))?;
        let kilobytes: u64 = line.trim().strip_suffix("kB")?.trim().parse().ok()?;
        Some(kilobytes.div_ceil(1024))
    }
}

fn cause(status: Option<ExitStatus>) -> String {
    match status {
        Some(status) if status.success() => "without providing a reason".to_owned(),
        Some(status) => match status.code() {
            Some(code) => format!("with error: exit status {code}"),
            None => "with error: signal: killed".to_owned(),
        },
        None => "with error: unknown".to_owned(),
    }
}
