//! What is shown once: a dialog that makes something, and then shows its secret.

use leptos::prelude::*;
use leptos::task::spawn_local;

use crate::browser;
use crate::texts::tr;
use crate::ui::{Button, Dialog, Icon, Kept, Kind, Memo, Show, dynamic, effect, unique_id};

/// The dialog; a handle that can be copied around.
#[derive(Clone, Copy)]
pub(super) struct Once {
    /// Whether it is open.
    pub(super) open: RwSignal<bool>,
    /// What is shown, each under its name. It is nowhere else, and goes with the dialog.
    shown: Kept<Vec<(&'static str, String)>>,
}

impl Once {
    pub(super) fn new() -> Self {
        Self { open: RwSignal::new(false), shown: Kept::new(Vec::new()) }
    }

    /// Shows it, this once.
    pub(super) fn reveal(self, shown: Vec<(&'static str, String)>) {
        self.shown.try_set(shown);
        self.open.try_set(true);
        browser::focus_soon("dialog[open] .copy-row button");
    }

    /// Draws the dialog: what is in it until there is something to show, and under which heading.
    pub(super) fn dialog(self, title: &'static str, form: ChildrenFn) -> AnyView {
        effect(move |_| {
            if !self.open.get() {
                self.shown.set(Vec::new());
            }
        });
        let is_shown = Memo::new(move |_| self.shown.with(|shown| !shown.is_empty()));
        let title = Signal::derive(move || {
            let words = if is_shown.get() { tr!(programs.keep_secret) } else { title };
            words.to_owned()
        });
        let form = StoredValue::new(form);
        view! {
            <Dialog open=self.open title=title stays=is_shown>
                <Show when=move || is_shown.get() fallback=move || form.with_value(|form| form())>
                    {self.revealed()}
                </Show>
            </Dialog>
        }
        .into_any()
    }

    fn revealed(self) -> AnyView {
        let said = Kept::new("");
        let fields = self.shown.get_untracked().into_iter().map(|(name, value)| field(name, value, said));
        view! {
            <div class="form">
                <p class="notice-box">
                    <Icon icon=icondata_lu::LuKeyRound />
                    {tr!(programs.shown_once)}
                </p>
                {fields.collect_view()}
                <p class="field-description" role="status">{dynamic(move || said.get())}</p>
                <div class="dialog-actions">
                    <Button kind=Kind::Primary on_click=move |_| self.open.set(false)>{tr!(programs.done)}</Button>
                </div>
            </div>
        }
        .into_any()
    }
}

fn field(name: &'static str, value: String, said: Kept<&'static str>) -> AnyView {
    let id = unique_id("once");
    let copied = value.clone();
    let copy = move |_| {
        let value = copied.clone();
        spawn_local(async move {
            let done = browser::copy(&value).await;
            said.try_set(if done { tr!(programs.copied) } else { tr!(account.not_copied) });
        });
    };
    view! {
        <div class="field">
            <label class="field-label" for=id.clone()>{name}</label>
            <div class="copy-row">
                <input id=id class="input" readonly=true prop:value=value />
                <Button on_click=copy label=tr!(programs.copy_what, what = name)>
                    <Icon icon=icondata_lu::LuCopy />
                    {tr!(programs.copy)}
                </Button>
            </div>
        </div>
    }
    .into_any()
}
