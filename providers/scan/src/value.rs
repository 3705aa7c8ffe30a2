//! What an expression can be, as far as calls to AWS depend on it.

use crate::found::Constant;
use crate::program::{ClassId, ExprId, FileId, FunctionId};

/// One value.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) enum Value {
    /// Something that is not followed.
    Unknown,
    /// A parameter that nobody in the source gives a value.
    Outside,
    /// Something of such a parameter.
    OfOutside(String),
    /// A text or an environment variable's value.
    Constant(Constant),
    /// All environment variables.
    Environment,
    /// A literal of keys and values.
    Table(ExprId),
    /// A literal list.
    List(ExprId),
    /// A function; bound where the object it is called on is taken care of.
    Function(FunctionId, bool),
    /// A class.
    Class(ClassId),
    /// An object of a class.
    Instance(ClassId),
    /// A file of the source.
    Module(FileId),
    /// A module from elsewhere, or something in one.
    Package(String),
    /// A name that nothing in the source binds.
    Builtin(String),
    /// What makes something when it is called.
    Makes(Makes),
    /// A session of boto3.
    Session,
    /// A client of a service.
    Client(&'static str, Style),
    /// A resource of boto3: its service, type, and what it is called.
    Resource(&'static str, &'static str, Option<Constant>),
    /// Many resources of boto3, and the operation that lists them.
    Many {
        service: &'static str,
        lists: &'static str,
        kind: Option<&'static str>,
        of: Option<Constant>,
    },
    /// What asks AWS for something when it is called.
    Does(Deed),
    /// A paginator or waiter of boto3.
    Repeats(&'static str, &'static str),
    /// The items of a listing, already asked for.
    Listed(Vec<Value>),
}

/// How the operations of a client are called.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) enum Style {
    /// `client.get_object(...)`.
    Python,
    /// `client.send(new GetObjectCommand(...))`.
    Sends,
    /// `client.getObject(...)`.
    Methods,
    /// `client.get(...)` on documents of `DynamoDB`.
    Documents,
}

/// What a call makes.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) enum Makes {
    /// A session of boto3.
    Session,
    /// A client of the service named by the first argument.
    Client,
    /// The resources of the service named by the first argument.
    Resource,
    /// What a session gives when asked for by name.
    Paginator(&'static str),
    /// The same for waiters.
    Waiter(&'static str),
    /// A URL that does what the first argument names.
    Presigned(&'static str),
    /// An environment variable's value.
    Variable,
    /// A known value.
    Known(Box<Value>),
    /// The value of its first argument.
    Same,
}

/// What is asked of AWS.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) struct Deed {
    pub(crate) service: &'static str,
    pub(crate) operations: Vec<&'static str>,
    /// What it is done to, where that is known from the object it is called on.
    pub(crate) on: Option<Constant>,
    /// How the arguments name what it is done to.
    pub(crate) names: Names,
    /// What comes back.
    pub(crate) gives: Box<Value>,
}

/// How the arguments of a call name what it is done to.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) enum Names {
    /// By the API's own names, in keywords or in an object: the first argument that has them.
    Parameters,
    /// By its place, or the API's own name.
    Place(usize),
    /// In an object inside the argument at this place: `params`, `Params`.
    Inside(&'static str),
}

impl Value {
    /// Returns the text that it is.
    pub(crate) fn text(&self) -> Option<&str> {
        if let Self::Constant(Constant::Text(text)) = self { Some(text) } else { None }
    }

    /// Returns the function that it is.
    pub(crate) fn function(&self) -> Option<FunctionId> {
        if let Self::Function(function, _) = self { Some(*function) } else { None }
    }

    /// Returns the literal of keys and values that it is.
    pub(crate) fn table(&self) -> Option<ExprId> {
        if let Self::Table(table) = self { Some(*table) } else { None }
    }

    /// Whether it loads a module by its name when it is called.
    #[expect(clippy::wildcard_enum_match_arm, reason = "only names can load modules")]
    pub(crate) fn loads(&self) -> bool {
        match self {
            Self::Builtin(name) => matches!(name.as_str(), "require" | "import" | "__import__"),
            Self::Package(name) => {
                matches!(name.as_str(), "importlib.import_module" | "builtins.__import__")
            }
            _ => false,
        }
    }

    /// Returns the client or resource of boto3 that it is, by its service.
    pub(crate) fn of_boto(&self) -> Option<&'static str> {
        if let Self::Client(service, Style::Python) | Self::Resource(service, ..) = self {
            Some(service)
        } else {
            None
        }
    }
}

impl Deed {
    /// Returns one operation of a service.
    pub(crate) fn one(service: &'static str, operation: &'static str) -> Self {
        Self::all(service, vec![operation])
    }

    /// Returns several operations of a service.
    pub(crate) fn all(service: &'static str, operations: Vec<&'static str>) -> Self {
        Self {
            service,
            operations,
            on: None,
            names: Names::Parameters,
            gives: Box::new(Value::Unknown),
        }
    }

    /// Says what it is done to.
    pub(crate) fn on(self, on: Option<Constant>) -> Self {
        Self { on, ..self }
    }

    /// Says how arguments name what it is done to.
    pub(crate) fn names(self, names: Names) -> Self {
        Self { names, ..self }
    }

    /// Says what comes back.
    pub(crate) fn gives(self, gives: Value) -> Self {
        Self { gives: Box::new(gives), ..self }
    }
}
