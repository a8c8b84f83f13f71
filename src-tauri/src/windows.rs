//! Windows, and what their pages may not do: leave the app, open others, be inspected.

use packed_resources::WindowConfig;
use serde::Deserialize;
use tauri::{
    AppHandle, Manager, Url, WebviewUrl, WebviewWindow, WebviewWindowBuilder, Wry,
    http::{StatusCode, header::CONTENT_TYPE},
    webview::NewWindowResponse,
};

use crate::{Error, assets::PageAssets, native::opener, plugins::Capability, shell::Shell};

/// The label of the window that opens first.
pub(crate) const MAIN: &str = "main";

/// How a window looks. What is left out stays as it is, or as it is by default.
#[derive(Clone, Debug, Default, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub(crate) struct Options {
    pub(crate) page: Option<String>,
    pub(crate) title: Option<String>,
    pub(crate) size: Option<(f64, f64)>,
    pub(crate) min_size: Option<(f64, f64)>,
    pub(crate) resizable: Option<bool>,
    pub(crate) maximized: Option<bool>,
    pub(crate) fullscreen: Option<bool>,
    pub(crate) decorations: Option<bool>,
}

impl Options {
    /// The main window of an app.
    pub(crate) fn of_main(window: &WindowConfig, name: &str) -> Self {
        let title = if window.title.is_empty() {
            name
        } else {
            &window.title
        };
        Self {
            page: None,
            title: Some(title.to_owned()),
            size: Some(window.size),
            min_size: window.min_size,
            resizable: Some(window.resizable),
            maximized: Some(window.maximized),
            fullscreen: Some(window.fullscreen),
            decorations: Some(window.decorations),
        }
    }

    /// These, and what is left out as in `base`.
    pub(crate) fn or(self, base: Self) -> Self {
        Self {
            page: self.page.or(base.page),
            title: self.title.or(base.title),
            size: self.size.or(base.size),
            min_size: self.min_size.or(base.min_size),
            resizable: self.resizable.or(base.resizable),
            maximized: self.maximized.or(base.maximized),
            fullscreen: self.fullscreen.or(base.fullscreen),
            decorations: self.decorations.or(base.decorations),
        }
    }

    /// Without what a window that comes back to its place has from the last time.
    pub(crate) fn without_place(self) -> Self {
        Self {
            size: None,
            maximized: None,
            fullscreen: None,
            ..self
        }
    }

    /// Changes an open window.
    pub(crate) fn apply(&self, window: &WebviewWindow) -> tauri::Result<()> {
        if let Some(title) = &self.title {
            window.set_title(title)?;
        }
        if let Some((width, height)) = self.size {
            window.set_size(tauri::LogicalSize::new(width, height))?;
        }
        if let Some((width, height)) = self.min_size {
            window.set_min_size(Some(tauri::LogicalSize::new(width, height)))?;
        }
        if let Some(resizable) = self.resizable {
            window.set_resizable(resizable)?;
        }
        match self.maximized {
            Some(true) => window.maximize()?,
            Some(false) => window.unmaximize()?,
            None => {}
        }
        if let Some(fullscreen) = self.fullscreen {
            window.set_fullscreen(fullscreen)?;
        }
        if let Some(decorations) = self.decorations {
            window.set_decorations(decorations)?;
        }
        Ok(())
    }
}

/// Opens a window. On the main thread.
pub(crate) fn open(
    app: &AppHandle,
    shell: &Shell,
    label: &str,
    options: &Options,
) -> Result<WebviewWindow, Error> {
    if app.get_webview_window(label).is_some() {
        return Err(Error::WindowExists {
            label: label.to_owned(),
        });
    }
    let page = options.page.as_deref().unwrap_or("index.html");
    let (width, height) = options.size.unwrap_or((900.0, 600.0));
    let mut builder = WebviewWindowBuilder::new(app, label, WebviewUrl::App(page.into()))
        .title(options.title.as_deref().unwrap_or_default())
        .inner_size(width, height)
        .resizable(options.resizable.unwrap_or(true))
        .maximized(options.maximized.unwrap_or(false))
        .fullscreen(options.fullscreen.unwrap_or(false))
        .decorations(options.decorations.unwrap_or(true))
        .devtools(shell.window.dev.is_some());
    if let Some((width, height)) = options.min_size {
        builder = builder.min_inner_size(width, height);
    }
    // A window that comes back to its place must not be seen anywhere else before.
    let comes_back = shell.may(Capability::WindowState);
    let window = confine(builder.visible(!comes_back), shell).build()?;
    if comes_back {
        window.show()?;
    }
    Ok(window)
}

/// Keeps a page inside the app.
fn confine<'a>(
    builder: WebviewWindowBuilder<'a, Wry, AppHandle>,
    shell: &Shell,
) -> WebviewWindowBuilder<'a, Wry, AppHandle> {
    let allowed = Allowed::new(&shell.window);
    let assets = shell.assets.clone();
    // What leads out of the app is for the browser, if the app asked for that.
    let links = shell.may(Capability::Open);
    builder
        .on_navigation(move |url| {
            let inside = allowed.contains(url);
            if links && !inside {
                opener::follow(url);
            }
            inside
        })
        .on_new_window(move |url, _| {
            if links {
                opener::follow(&url);
            }
            NewWindowResponse::Deny
        })
        .on_web_resource_request(move |request, response| {
            refuse_fallback(&assets, request.uri().path(), response);
        })
}

/// Where a frame may go.
struct Allowed(Vec<String>);

impl Allowed {
    fn new(window: &WindowConfig) -> Self {
        let development = window.dev.as_ref().and_then(|dev| dev.url.clone());
        let mut origins = window.origins.clone();
        origins.extend(development);
        Self(origins)
    }

    fn contains(&self, url: &Url) -> bool {
        let origin = |text: &str| Url::parse(text).ok().map(|url| url.origin());
        match url.scheme() {
            "tauri" => url.host_str() == Some("localhost"),
            "about" | "blob" => true,
            _ => self.0.iter().any(|own| origin(own) == Some(url.origin())),
        }
    }
}

/// Tauri answers a path that is not there with the main page, for routes that only the page's
/// script knows. A missing script or picture must stay missing.
fn refuse_fallback(
    assets: &PageAssets,
    path: &str,
    response: &mut tauri::http::Response<std::borrow::Cow<'static, [u8]>>,
) {
    let is_file = path
        .rsplit('/')
        .next()
        .is_some_and(|name| name.contains('.'));
    if is_file && !assets.exists(path) {
        *response.status_mut() = StatusCode::NOT_FOUND;
        *response.body_mut() = b"not found".as_slice().into();
        let plain = tauri::http::HeaderValue::from_static("text/plain");
        response.headers_mut().insert(CONTENT_TYPE, plain);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_frame_stays_in_the_app_and_its_declared_origins() {
        let allowed = Allowed::new(&WindowConfig {
            origins: vec!["https://maps.example".into()],
            ..WindowConfig::default()
        });
        for (url, answer) in [
            ("tauri://localhost/index.html", true),
            ("tauri://localhost/a/b?c#d", true),
            ("tauri://elsewhere/", false),
            ("https://maps.example/embed", true),
            ("http://maps.example/embed", false),
            ("https://maps.example.evil/", false),
            ("https://other.example/", false),
            ("file:///etc/passwd", false),
            ("javascript:alert(1)", false),
            ("data:text/html,x", false),
        ] {
            assert_eq!(allowed.contains(&Url::parse(url).unwrap()), answer, "{url}");
        }
    }
}
