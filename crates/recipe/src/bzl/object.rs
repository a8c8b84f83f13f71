//! What the types of a recipe have in common: shared state, attributes in a table, a name that `type()`
//! tells. The state holds plain data only, so that a value may be loaded into another file.

use std::sync::{Arc, Mutex, MutexGuard};

use super::bag::Bag;

/// State of an object.
#[derive(Debug)]
pub(super) struct Inner<T> {
    pub(super) bag: Bag,
    pub(super) data: T,
}

/// A handle to shared state.
#[derive(Debug)]
pub(super) struct Shared<T>(Arc<Mutex<Inner<T>>>);

impl<T> Clone for Shared<T> {
    fn clone(&self) -> Self {
        Self(Arc::clone(&self.0))
    }
}

impl<T> Shared<T> {
    pub(super) fn new(bag: Bag, data: T) -> Self {
        Self(Arc::new(Mutex::new(Inner { bag, data })))
    }

    /// The state. Evaluation is on one thread and holds it for no longer than a step.
    pub(super) fn get(&self) -> MutexGuard<'_, Inner<T>> {
        self.0.lock().unwrap_or_else(|e| e.into_inner())
    }

    /// Whether two handles are of one object.
    pub(super) fn same(&self, other: &Self) -> bool {
        Arc::ptr_eq(&self.0, &other.0)
    }
}

/// Defines a type of recipes: `object!(Rust name, "name in recipes", state, attributes, methods)`.
macro_rules! object {
    ($name:ident, $type:tt, $data:ty, $table:expr, $methods:ident) => {
        object!($name, $type, $data, $table, $methods, |_, value| {
            Ok(crate::bzl::datum::Datum::read(value))
        });
    };
    // With a way of its own to read values that are set.
    ($name:ident, $type:tt, $data:ty, $table:expr, $methods:ident, $read:expr) => {
        #[doc = concat!("`", $type, "`.")]
        #[derive(
            Debug,
            Clone,
            starlark::any::ProvidesStaticType,
            starlark::values::NoSerialize,
            starlark::values::StarlarkPagablePanic,
            allocative::Allocative,
        )]
        pub(in crate::bzl) struct $name(
            #[allocative(skip)] pub(in crate::bzl) crate::bzl::object::Shared<$data>,
        );

        starlark::starlark_simple_value!($name);

        impl std::fmt::Display for $name {
            fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
                f.write_str(concat!("<", $type, ">"))
            }
        }

        impl $name {
            /// A new one.
            pub(in crate::bzl) fn with(data: $data) -> Self {
                Self(crate::bzl::object::Shared::new(
                    crate::bzl::bag::Bag::new($type, $table),
                    data,
                ))
            }
        }

        #[starlark::values::starlark_value(type = $type)]
        impl<'v> starlark::values::StarlarkValue<'v> for $name {
            fn get_methods() -> Option<&'static starlark::environment::Methods> {
                static METHODS: starlark::environment::MethodsStatic =
                    starlark::environment::MethodsStatic::new($type, $methods);
                Some(METHODS.methods())
            }

            fn get_attr(
                &self,
                name: &str,
                heap: starlark::values::Heap<'v>,
            ) -> Option<starlark::values::Value<'v>> {
                let value = self.0.get().bag.get(name)?;
                Some(value.alloc(heap))
            }

            fn dir_attr(&self) -> Vec<String> {
                self.0.get().bag.names().map(str::to_owned).collect()
            }

            fn set_attr(
                &self,
                name: &str,
                value: starlark::values::Value<'v>,
            ) -> starlark::Result<()> {
                let read: fn(
                    &str,
                    starlark::values::Value<'v>,
                )
                    -> Result<Option<crate::bzl::datum::Datum>, crate::bzl::error::Fail> = $read;
                let value = read(name, value)?;
                Ok(self.0.get().bag.set(name, value)?)
            }

            fn equals(&self, other: starlark::values::Value<'v>) -> starlark::Result<bool> {
                Ok(Self::from_value(other).is_some_and(|o| self.0.same(&o.0)))
            }
        }
    };
}
pub(super) use object;
