// @ts-check
/** With what somebody works a page: a mouse, a finger, or nothing but a keyboard. */
import { eventually } from "./wait.mjs";

/**
 * @typedef {import("playwright-core").Locator} Locator
 *
 * @typedef {object} Hands
 * @property {(control: Locator) => Promise<void>} use a button, a link, an item of a menu, an option
 * @property {(field: Locator, text: string) => Promise<void>} type in place of what is there
 * @property {(box: Locator, on: boolean) => Promise<void>} set a checkbox or a switch
 */

/** @type {Hands} */
export const mouse = {
  use: (control) => control.click(),
  type: (field, text) => field.fill(text),
  set: (box, on) => box.setChecked(on),
};

/** @type {Hands} */
export const finger = {
  use: (control) => control.tap(),
  async type(field, text) {
    await field.tap();
    await field.fill(text);
  },
  async set(box, on) {
    if ((await box.isChecked()) !== on) await box.tap();
  },
};

/** As somebody works who has no pointer: what Tab, arrows, Enter and Space do not reach is not there for them. */
export const keyboard = {
  /** @param {Locator} control */
  async use(control) {
    await reach(control);
    const role = await roleOf(control);
    // Both keys do for a button; a link knows only one of them.
    await control.page().keyboard.press(role === "button" ? "Space" : "Enter");
  },
  /** @param {Locator} field @param {string} text */
  async type(field, text) {
    await reach(field);
    const { keyboard } = field.page();
    await keyboard.press("ControlOrMeta+a");
    await keyboard.press("Delete");
    await keyboard.type(text);
  },
  /** @param {Locator} box @param {boolean} on */
  async set(box, on) {
    await reach(box);
    if ((await box.isChecked()) !== on) await box.page().keyboard.press("Space");
  },
};

/** More stops than any page has. */
const FAR = 200;

/**
 * Moves to a control: by arrows inside a menu or a list, by Tab everywhere else. Past the end of a page Tab comes back to
 * its beginning, so whatever is not reached once around is not to be reached.
 *
 * @param {Locator} control
 */
export async function reach(control) {
  await control.waitFor();
  const role = await roleOf(control);
  const inside = role === "menuitem" || role === "option";
  // The focus follows a menu or a list that opens a moment later.
  if (inside) await eventually("the focus in what has opened", () => control.page().evaluate(isInside));
  for (let stops = 0; stops < FAR; stops += 1) {
    if (await control.evaluate(isCurrent)) return;
    await control.page().keyboard.press(inside ? "ArrowDown" : "Tab");
  }
  throw new Error(`${control} is not reached by the keyboard`);
}

/** @param {Locator} control */
function roleOf(control) {
  return control.evaluate((element) => {
    const tag = element.tagName.toLowerCase();
    return element.getAttribute("role") ?? tag;
  });
}

/** Whether the focus is on it; on an option it is while its combobox has the focus. @param {Element} element */
function isCurrent(element) {
  const focused = document.activeElement;
  return focused === element || (element.id !== "" && focused?.getAttribute("aria-activedescendant") === element.id);
}

function isInside() {
  return document.activeElement?.matches("[role=menuitem], [role=combobox]") ?? false;
}
