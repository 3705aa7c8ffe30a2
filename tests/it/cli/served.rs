//! The embedded cloud kept up by `local serve`, and what other commands do with it.

use std::ffi::OsStr;
use std::io::{BufRead, BufReader, Read, Write};
use std::net::TcpStream;
use std::process::{Child, ChildStdout, Command, Stdio};

use super::bench::Bench;
use super::shop::shop;

/// A running `local serve`; it ends with the test.
pub(crate) struct Served {
    child: Child,
    /// Kept open so that the server can write to it.
    _out: BufReader<ChildStdout>,
    /// Where AWS is.
    pub(crate) url: String,
    /// Where Azure is.
    #[cfg_attr(not(feature = "azure"), expect(dead_code, reason = "nothing asks for it"))]
    pub(crate) azure_url: String,
    /// Where Google Cloud is.
    #[cfg_attr(not(feature = "gcp"), expect(dead_code, reason = "nothing asks for it"))]
    pub(crate) google_url: String,
}

impl Served {
    pub(crate) fn start(bench: &Bench, flags: &str) -> Self {
        Self::run(bench.command(&format!("local serve --port 0 {flags}")))
    }

    /// The same with more in its environment.
    pub(crate) fn start_with(bench: &Bench, environment: &[(&str, &OsStr)]) -> Self {
        Self::start_flags(bench, "", environment)
    }

    /// The same with more flags.
    pub(crate) fn start_flags(bench: &Bench, flags: &str, environment: &[(&str, &OsStr)]) -> Self {
        let mut command = bench.command(&format!("local serve --port 0 {flags}"));
        command.envs(environment.iter().copied());
        Self::run(command)
    }

    fn run(mut command: Command) -> Self {
        let mut child = command.stdout(Stdio::piped()).spawn().unwrap();
        let mut out = BufReader::new(child.stdout.take().unwrap());
        let mut line = String::new();
        out.read_line(&mut line).unwrap();
        let mut urls = line.split_whitespace().filter(|word| word.starts_with("http://"));
        let mut next = || urls.next().unwrap_or_else(|| panic!("{line}")).to_owned();
        let (url, azure_url, google_url) = (next(), next(), next());
        Self { child, _out: out, url, azure_url, google_url }
    }
}

impl Drop for Served {
    fn drop(&mut self) {
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}

fn get(url: &str) -> String {
    let rest = url.strip_prefix("http://").unwrap();
    let (host, path) = rest.split_once('/').unwrap();
    let mut stream = TcpStream::connect(host).unwrap();
    write!(stream, "GET /{path} HTTP/1.1\r\nHost: {host}\r\nConnection: close\r\n\r\n").unwrap();
    let mut answer = String::new();
    stream.read_to_string(&mut answer).unwrap();
    answer
}

#[test]
fn a_printed_url_gets_the_functions_own_answer_while_the_cloud_is_kept_up() {
    let bench = shop();
    let served = Served::start(&bench, "");
    let output = bench.command("apply --local --yes").output().unwrap();
    let out = String::from_utf8(output.stdout).unwrap();
    assert!(output.status.success(), "{out}{}", String::from_utf8_lossy(&output.stderr));
    let url = out.lines().find_map(|line| {
        let (_, value) = line.split_once(" = \"")?;
        value.strip_suffix('"').filter(|value| value.starts_with(&served.url))
    });
    let url = url.unwrap_or_else(|| panic!("{out}")).replace("{name}", "Ada");
    let url = if url.contains("/hello/") {
        url
    } else {
        format!("{}/hello/Ada", url.trim_end_matches('/'))
    };
    let answer = get(&url);
    assert!(answer.starts_with("HTTP/1.1 200"), "{url}\n{answer}");
    assert!(answer.contains(r#"{"hello": "Ada"}"#), "{answer}");
}

#[test]
fn the_same_commands_work_under_an_endpoint_of_the_environment() {
    let bench = shop();
    let served = Served::start(&bench, "");
    let run = |line: &str| {
        let output = bench.command(line).env("AWS_ENDPOINT_URL", &served.url).output().unwrap();
        let out = String::from_utf8(output.stdout).unwrap();
        (output.status.code().unwrap(), out + &String::from_utf8_lossy(&output.stderr))
    };
    assert_eq!(run("plan --detailed-exitcode").0, 2);
    let (code, out) = run("apply --yes");
    assert_eq!(code, 0, "{out}");
    let (code, out) = run("plan --detailed-exitcode");
    assert_eq!(code, 0, "{out}");
    assert!(out.contains("No changes."), "{out}");
    assert_eq!(run("destroy -auto-approve").0, 0);
    assert_eq!(run("plan --detailed-exitcode").0, 2);
}

#[cfg(unix)]
#[test]
fn an_interrupt_finishes_what_is_in_flight_and_the_next_run_the_rest() {
    let bench = shop();
    bench.write(
        "slow.toml",
        "[[faults]]\noperation = \"CreateFunction\"\ntimes = 2\nkind = { do = \"delay\", ms = 3000 }\n",
    );
    let _served = Served::start(&bench, "--faults slow.toml");
    let mut command = bench.command("apply --local --yes");
    let mut child = command.stdout(Stdio::null()).stderr(Stdio::piped()).spawn().unwrap();
    let mut err = BufReader::new(child.stderr.take().unwrap());
    let mut told = String::new();
    while !told.contains("aws.function/hello: Creating...") {
        assert!(err.read_line(&mut told).unwrap() > 0, "{told}");
    }
    let pid = child.id().to_string();
    assert!(std::process::Command::new("kill").args(["-INT", &pid]).status().unwrap().success());
    err.read_to_string(&mut told).unwrap();
    assert_eq!(child.wait().unwrap().code(), Some(130), "{told}");
    assert!(told.contains("Stopping: nothing new is started."), "{told}");
    assert!(told.contains("aws.function/hello: Creation complete"), "{told}");
    assert!(told.contains("not started: the run was stopped"), "{told}");
    let rest = bench.answer("apply --local --yes");
    assert!(rest.contains("Apply complete!"), "{rest}");
    assert!(bench.answer("plan --local").contains("No changes."));
}

#[test]
fn an_embedded_cloud_that_is_kept_up_is_not_emptied() {
    let bench = shop();
    let _served = Served::start(&bench, "");
    let done = bench.run("local reset");
    assert_eq!(done.code, 1);
    assert!(done.err.contains("in use by another embedded cloud"), "{}", done.err);
}
