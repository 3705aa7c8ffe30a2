//! Microsoft.Web: plans, function apps and the hosts that run them.
//!
//! A site is a resource of ARM with a state of its own beside it ([`app`]): settings, keys, the package that runs. A
//! package comes in at the deployment address ([`scm`]), its functions are found in it ([`archive`]) and run in
//! processes of the app ([`run`]): called over HTTP ([`door`]), by schedules and queues ([`listen`]), or by other
//! services with [`call`].

mod app;
mod archive;
mod auth;
mod bus;
mod check;
mod definition;
mod door;
mod functions;
mod hostjson;
mod listen;
mod logs;
mod ncron;
mod plans;
mod query;
mod queues;
mod refusals;
mod release;
mod route;
mod run;
mod scm;
mod seam;
mod seams;
mod settings;
mod shape;
mod show;
mod sites;
mod surroundings;
mod timers;
mod wire;

use crate::azure::locations as regions;

pub(crate) use door::DOOR;
pub(crate) use functions::{EXTENSIONS, FUNCTIONS, HOST};
pub(crate) use listen::start;
pub(crate) use plans::PLANS;
pub(crate) use query::QUERY;
pub(crate) use scm::SCM;
pub(crate) use seam::{call, trigger};
pub(crate) use settings::CONFIG;
pub(crate) use sites::SITES;
