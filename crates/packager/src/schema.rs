//! The JSON schema of `[tool.pyxidium]`, for editors. It says what the readers accept; a test holds them together.

/// JSON schema, draft 7, of the table `[tool.pyxidium]`.
pub const SCHEMA: &str = include_str!("schema.json");

#[cfg(test)]
mod tests {
    use std::collections::BTreeSet;

    use packed_resources::{CAPABILITIES, InterpreterSettings};
    use serde_json::{Map, Value};

    use super::SCHEMA;

    fn properties(table: &Value) -> &Map<String, Value> {
        assert_eq!(table["additionalProperties"], false);
        table["properties"].as_object().unwrap()
    }

    fn check(table: &Value, known: &[&str]) {
        let named: BTreeSet<&str> = properties(table).keys().map(String::as_str).collect();
        assert_eq!(named, known.iter().copied().collect());
        for (key, value) in properties(table) {
            assert!(value["description"].is_string(), "{key} is not described");
        }
    }

    #[test]
    fn the_schema_has_the_keys_that_are_read() {
        let schema: Value = serde_json::from_str(SCHEMA).unwrap();
        check(&schema, &recipe::KEYS);
        let tables = &schema["properties"];
        check(&tables["window"], crate::window::KEYS);
        check(&tables["interpreter"], &InterpreterSettings::KEYS);
        let known: Vec<&str> = CAPABILITIES.iter().map(|(name, _)| *name).collect();
        assert_eq!(
            tables["capabilities"]["items"]["enum"],
            serde_json::json!(known)
        );
    }

    #[test]
    fn what_it_says_of_cpythons_start_is_so() {
        let schema: Value = serde_json::from_str(SCHEMA).unwrap();
        let usual = serde_json::to_value(InterpreterSettings::default()).unwrap();
        for (key, said) in properties(&schema["properties"]["interpreter"]) {
            if let Some(default) = said.get("default") {
                assert_eq!(*default, usual[key], "{key}");
            }
            for value in said["enum"].as_array().into_iter().flatten() {
                let one = Value::Object(Map::from_iter([(key.clone(), value.clone())]));
                serde_json::from_value::<InterpreterSettings>(one).unwrap();
            }
        }
    }

    #[test]
    fn what_it_says_of_menus_is_read() {
        let schema: Value = serde_json::from_str(SCHEMA).unwrap();
        let install = properties(&schema["properties"]["install"]);
        let folder = tempfile::tempdir().unwrap();
        let read = |key: &str| {
            let value = match install[key]["type"].as_str() {
                Some("boolean") => "true",
                _ => "[]",
            };
            let toml = format!("[tool.pyxidium.install]\n{key} = {value}\n");
            fs_err::write(folder.path().join("pyproject.toml"), toml).unwrap();
            fs_err::write(folder.path().join("__main__.py"), "").unwrap();
            recipe::plan(&recipe::Request {
                path: Some(folder.path().into()),
                ..recipe::Request::default()
            })
        };
        for key in install.keys() {
            read(key).unwrap();
        }
        // What the reader knows is named where it meets something else.
        fs_err::write(
            folder.path().join("pyproject.toml"),
            "[tool.pyxidium.install]\nother = 1\n",
        )
        .unwrap();
        let request = recipe::Request {
            path: Some(folder.path().into()),
            ..recipe::Request::default()
        };
        let said = recipe::plan(&request).unwrap_err().to_string();
        let known: Vec<String> = install.keys().map(|k| format!("`{k}`")).collect();
        for key in &known {
            assert!(said.contains(key), "{said}");
        }
        assert_eq!(said.matches('`').count(), 2 * known.len() + 2, "{said}");
    }
}
