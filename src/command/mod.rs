//! The commands, one file per verb. They wire the stages together and hold no logic of their own.

mod again;
mod apply;
mod blame;
mod carry_out;
mod completions;
mod confirm;
mod consent;
mod destroy;
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
mod schema;
mod scope;
mod serve;
mod signal;
mod site;
mod tell;
mod validate;
mod world;

pub use run::run;
pub use world::World;
