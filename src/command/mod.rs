//! The commands, one file per verb. They wire the stages together and hold no logic of their own.

mod again;
mod apply;
mod approved;
mod blame;
mod carry_out;
mod completions;
mod confirm;
mod consent;
mod destroy;
mod file;
mod init;
mod invoke;
mod load;
mod logs;
mod perform;
mod plan;
mod portability;
mod prepare;
mod provider;
mod reset;
mod run;
mod save;
mod schema;
mod scope;
mod serve;
mod show;
mod signal;
mod site;
mod snapshot;
mod tell;
mod validate;
mod world;

pub use run::run;
pub use world::World;
