//! What the app asks of the browser. Nothing here can fail for the caller: a browser that refuses its storage or its
//! clipboard leaves the app without that convenience, not without its page.

use std::future::Future;
use std::time::Duration;

use futures_channel::oneshot;
use js_sys::{Array, Function, JsString, Promise, Reflect};
use leptos::task::spawn_local;
use wasm_bindgen::JsCast;
use wasm_bindgen::prelude::*;
use wasm_bindgen_futures::{JsFuture, future_to_promise};
use web_sys::{Blob, BlobPropertyBag, HtmlAnchorElement, HtmlElement, Response, Storage, Url, Window};

fn window() -> Option<Window> {
    web_sys::window()
}

fn document() -> Option<web_sys::Document> {
    window()?.document()
}

/// The page's origin, such as `https://portal.example`.
pub(crate) fn origin() -> String {
    window().and_then(|window| window.location().origin().ok()).unwrap_or_default()
}

/// Path, query and fragment of the page's URL; each of the last two with its sign, if there is anything behind that.
pub(crate) fn address() -> [String; 3] {
    let Some(location) = window().map(|window| window.location()) else { return Default::default() };
    [location.pathname(), location.search(), location.hash()].map(Result::unwrap_or_default)
}

/// Changes the page's URL, and loads nothing: by another step in the history, or in the place of the one that is.
pub(crate) fn set_address(to: &str, in_place: bool) {
    // A browser may refuse when it is asked a hundred times a second.
    let Some(history) = window().and_then(|window| window.history().ok()) else { return };
    let _ = match in_place {
        true => history.replace_state_with_url(&JsValue::NULL, "", Some(to)),
        false => history.push_state_with_url(&JsValue::NULL, "", Some(to)),
    };
}

/// Scrolls the page to its top.
pub(crate) fn scroll_to_top() {
    if let Some(window) = window() {
        window.scroll_to_with_x_and_y(0.0, 0.0);
    }
}

/// Loads the app anew at this path: nothing of what was in memory stays.
pub(crate) fn load(path: &str) {
    if let Some(window) = window() {
        let _ = window.location().assign(path);
    }
}

/// The text of a file that comes with the app.
pub(crate) async fn fetch_text(path: &str) -> Option<String> {
    let answer = JsFuture::from(window()?.fetch_with_str(path)).await.ok()?.dyn_into::<Response>().ok()?;
    if !answer.ok() {
        return None;
    }
    JsFuture::from(answer.text().ok()?).await.ok()?.as_string()
}

/// A text in upper case. The browser has the tables of Unicode; Rust's would be a part of the app.
pub(crate) fn uppercase(text: &str) -> String {
    JsString::from(text).to_upper_case().into()
}

/// Milliseconds since 1970, as the browser has it.
pub(crate) fn now() -> f64 {
    js_sys::Date::now()
}

/// Waits.
pub(crate) async fn sleep(time: Duration) {
    let millis = i32::try_from(time.as_millis()).unwrap_or(i32::MAX);
    let waited = Promise::new(&mut |resolve, _| {
        if let Some(window) = window() {
            let _ = window.set_timeout_with_callback_and_timeout_and_arguments_0(&resolve, millis);
        }
    });
    let _ = JsFuture::from(waited).await;
}

/// Runs while no other tab of the app runs something under the same name (Web Locks). A browser without locks runs it
/// at once.
pub(crate) async fn exclusively<T: 'static>(
    name: impl Into<String>,
    work: impl Future<Output = T> + 'static,
) -> T {
    let name: String = name.into();
    let Some(request) = lock_request() else { return work.await };
    let (done, result) = oneshot::channel();
    let mut granted = Some(async move {
        // Whoever waited may have left.
        let _ = done.send(work.await);
        Ok(JsValue::UNDEFINED)
    });
    let granted = Closure::once_into_js(move || match granted.take() {
        Some(work) => JsValue::from(future_to_promise(work)),
        None => JsValue::UNDEFINED,
    });
    let (locks, request) = request;
    let _ = request.call2(&locks, &JsValue::from(name), &granted);
    match result.await {
        Ok(result) => result,
        // The browser dropped the lock's callback: the page is going away.
        Err(_) => std::future::pending().await,
    }
}

/// A channel between the tabs of the app in this browser. What one sends, the others hear.
pub(crate) struct Channel(web_sys::BroadcastChannel);

impl Channel {
    pub(crate) fn open(name: &str) -> Option<Self> {
        web_sys::BroadcastChannel::new(name).ok().map(Self)
    }

    /// Hears what other tabs send, as long as the page is there.
    pub(crate) fn listen(&self, hear: impl Fn(String) + 'static) {
        let on_message =
            Closure::<dyn Fn(web_sys::MessageEvent)>::new(move |event: web_sys::MessageEvent| {
                if let Some(text) = event.data().as_string() {
                    hear(text);
                }
            });
        self.0.set_onmessage(Some(on_message.as_ref().unchecked_ref()));
        on_message.forget();
    }

    pub(crate) fn send(&self, message: &str) {
        // It fails only when the channel is closed, and then nobody listens.
        let _ = self.0.post_message(&message.into());
    }
}

/// `navigator.locks.request`; there is none on a page that is not served securely.
fn lock_request() -> Option<(JsValue, Function)> {
    let locks = Reflect::get(&window()?.navigator(), &"locks".into()).ok()?;
    let request = Reflect::get(&locks, &"request".into()).ok()?.dyn_into().ok()?;
    Some((locks, request))
}

/// Keeps a text for as long as the tab is open, for the next page that it loads, too.
pub(crate) fn remember(key: &str, text: &str) {
    if let Some(storage) = tab_storage() {
        let _ = storage.set_item(key, text);
    }
}

/// The text that this tab keeps.
pub(crate) fn remembered(key: &str) -> Option<String> {
    tab_storage()?.get_item(key).ok().flatten()
}

/// The text that this tab keeps, once.
pub(crate) fn take_over(key: &str) -> Option<String> {
    let text = remembered(key)?;
    let _ = tab_storage()?.remove_item(key);
    Some(text)
}

fn tab_storage() -> Option<Storage> {
    window()?.session_storage().ok().flatten()
}

fn storage() -> Option<Storage> {
    window()?.local_storage().ok().flatten()
}

/// Whether this browser remembers anything at all.
pub(crate) fn can_store() -> bool {
    storage().is_some()
}

/// What this browser remembers under the key.
pub(crate) fn stored(key: &str) -> Option<String> {
    storage()?.get_item(key).ok().flatten()
}

/// Remembers something that is no secret.
pub(crate) fn store(key: &str, value: &str) {
    if let Some(storage) = storage() {
        let _ = storage.set_item(key, value);
    }
}

/// Forgets what was remembered.
pub(crate) fn forget(key: &str) {
    if let Some(storage) = storage() {
        let _ = storage.remove_item(key);
    }
}

/// Forgets what this tab keeps under keys that begin so.
pub(crate) fn forget_all_of_tab(prefix: &str) {
    let Some(storage) = tab_storage() else { return };
    let count = storage.length().unwrap_or_default();
    let keys: Vec<String> = (0..count).filter_map(|index| storage.key(index).ok().flatten()).collect();
    for key in keys.iter().filter(|key| key.starts_with(prefix)) {
        let _ = storage.remove_item(key);
    }
}

/// The languages that the person prefers, best first.
pub(crate) fn languages() -> Vec<String> {
    let Some(window) = window() else { return Vec::new() };
    window.navigator().languages().iter().filter_map(|tag| tag.as_string()).collect()
}

/// Tells the browser and screen readers which language the page is in.
pub(crate) fn set_document_language(tag: &str) {
    if let Some(root) = document().and_then(|document| document.document_element()) {
        let _ = root.set_attribute("lang", tag);
    }
}

/// Names the page in the tab and the history.
pub(crate) fn set_title(title: &str) {
    if let Some(document) = document() {
        document.set_title(title);
    }
}

/// Sets or takes away an attribute of the root element.
pub(crate) fn set_root_attribute(name: &str, value: Option<&str>) {
    let Some(root) = document().and_then(|document| document.document_element()) else { return };
    let _ = match value {
        Some(value) => root.set_attribute(name, value),
        None => root.remove_attribute(name),
    };
}

/// Takes an element out of the page.
pub(crate) fn remove_element(id: &str) {
    if let Some(element) = document().and_then(|document| document.get_element_by_id(id)) {
        element.remove();
    }
}

/// Moves the focus to the element of this id.
pub(crate) fn focus(id: &str) {
    let element = document().and_then(|document| document.get_element_by_id(id));
    if let Some(element) = element.and_then(|element| element.dyn_into::<HtmlElement>().ok()) {
        let _ = element.focus();
    }
}

/// Moves the focus to the first element that fits and can have it, once what is being drawn is there: before the browser takes the next
/// key, if it can be, since what is typed right after opening something belongs into it.
pub(crate) fn focus_soon(selector: impl Into<String>) {
    /// More than the steps in which a change is drawn, each of which is a microtask.
    const STEPS: usize = 16;
    let selector = selector.into();
    spawn_local(async move {
        for _ in 0..STEPS {
            if try_focus(&selector) {
                return;
            }
            // It cannot fail.
            let _ = JsFuture::from(Promise::resolve(&JsValue::UNDEFINED)).await;
        }
        leptos::prelude::request_animation_frame(move || {
            try_focus(&selector);
        });
    });
}

fn try_focus(selector: &str) -> bool {
    let Some(document) = document() else { return false };
    let Ok(found) = document.query_selector_all(selector) else { return false };
    (0..found.length()).filter_map(|index| found.item(index)?.dyn_into::<HtmlElement>().ok()).any(|element| {
        let _ = element.focus();
        // What is hidden still does not take it, nor does what is below a dialog.
        document.active_element().as_ref() == Some(element.as_ref())
    })
}

/// Moves the focus to the heading of the page that has just been drawn, unless the person is in something that is open
/// above it: a menu that they were quicker to open, or a dialog.
pub(crate) fn focus_heading() {
    leptos::prelude::request_animation_frame(move || {
        let Some(document) = document() else { return };
        let above = "[role=menu], [role=dialog], dialog";
        let busy =
            document.active_element().and_then(|active| active.closest(above).ok().flatten()).is_some();
        let heading = document.query_selector("h1").ok().flatten();
        if !busy && let Some(heading) = heading.and_then(|heading| heading.dyn_into::<HtmlElement>().ok()) {
            let _ = heading.focus();
        }
    });
}

/// Moves the focus to the page's heading if nothing has it any more: what had it has gone. With an element, only if
/// it is this one that has gone.
pub(crate) fn rescue_focus(gone: Option<web_sys::Element>) {
    leptos::prelude::request_animation_frame(move || {
        let Some(document) = document() else { return };
        let nowhere = document.active_element().is_none_or(|active| active.tag_name() == "BODY");
        if nowhere && gone.is_none_or(|gone| !gone.is_connected()) {
            focus_heading();
        }
    });
}

/// Scrolls the navigation sideways, where it is wider than the page, so that this link of it is in sight.
pub(crate) fn bring_into_row(link: &'static str) {
    leptos::prelude::request_animation_frame(move || {
        let Some(document) = document() else { return };
        let found = document.query_selector(link).ok().flatten();
        let Some(link) = found.and_then(|link| link.dyn_into::<HtmlElement>().ok()) else { return };
        let row = link.closest("nav").ok().flatten();
        if let Some(row) = row.and_then(|row| row.dyn_into::<HtmlElement>().ok()) {
            row.set_scroll_left(link.offset_left() - (row.client_width() - link.offset_width()) / 2);
        }
    });
}

/// Moves the focus to an element, and what is scrolled stays where it is.
pub(crate) fn focus_in_place(element: &web_sys::Element) {
    let options = js_sys::Object::new();
    // Neither fails: a plain object takes any property, and what has no `focus` has no function there.
    let _ = Reflect::set(&options, &"preventScroll".into(), &true.into());
    let focus = Reflect::get(element, &"focus".into()).unwrap_or_default().dyn_into::<Function>();
    if let Ok(focus) = focus {
        let _ = focus.call1(element, &options);
    }
}

/// What has the focus.
pub(crate) fn focused() -> Option<web_sys::Element> {
    document()?.active_element()
}

/// Whether the window is as narrow as where the styles turn tables into cards.
pub(crate) fn is_narrow() -> bool {
    let width = window().and_then(|window| window.inner_width().ok()?.as_f64());
    width.is_some_and(|width| width <= 768.0)
}

/// Whether a dialog is open above the page.
pub(crate) fn has_dialog() -> bool {
    document()
        .is_some_and(|document| document.query_selector("dialog[open]").is_ok_and(|found| found.is_some()))
}

/// Whether the person works on an Apple keyboard, where Ctrl is Cmd.
pub(crate) fn has_command_key() -> bool {
    window().and_then(|window| window.navigator().platform().ok()).is_some_and(|name| name.starts_with("Mac"))
}

/// Puts a text on the clipboard; `false` when the browser does not allow it.
pub(crate) async fn copy(text: &str) -> bool {
    // Asked for by name: there is no clipboard on a page that is not served securely.
    let Some(window) = window() else { return false };
    let Ok(clipboard) = Reflect::get(&window.navigator(), &"clipboard".into()) else { return false };
    let Ok(write) = Reflect::get(&clipboard, &"writeText".into()) else { return false };
    let Ok(write) = write.dyn_into::<Function>() else { return false };
    let Ok(promise) = write.call1(&clipboard, &text.into()) else { return false };
    JsFuture::from(Promise::from(promise)).await.is_ok()
}

/// The text of the file that was chosen in a field, its letters read as UTF-8.
pub(crate) async fn chosen_file(input: &web_sys::HtmlInputElement) -> Option<String> {
    let files = Reflect::get(input, &"files".into()).ok()?;
    let file = Reflect::get_u32(&files, 0).ok()?.dyn_into::<Blob>().ok()?;
    JsFuture::from(file.text()).await.ok()?.as_string()
}

/// Hands a text to the person as a file.
pub(crate) fn download(name: &str, media_type: &str, text: &str) -> Result<(), JsValue> {
    let options = BlobPropertyBag::new();
    options.set_type(media_type);
    let blob = Blob::new_with_str_sequence_and_options(&Array::of1(&text.into()), &options)?;
    let url = Url::create_object_url_with_blob(&blob)?;
    let link = document().ok_or(JsValue::NULL)?.create_element("a")?.dyn_into::<HtmlAnchorElement>()?;
    link.set_href(&url);
    link.set_download(name);
    link.click();
    Url::revoke_object_url(&url)
}
