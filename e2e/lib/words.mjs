// @ts-check
/** The app's own texts, so that a test written in English also works for somebody who reads another language. */
import { readFileSync, readdirSync } from "node:fs";

const locales = new URL("../../frontend/locales/", import.meta.url);

/** @typedef {Map<string, string>} Texts by `part.key` */

/** @param {string} language @returns {Texts} */
export function textsOf(language) {
  const folder = new URL(`${language}/`, locales);
  const parts = readdirSync(folder).map((file) => {
    const texts = JSON.parse(readFileSync(new URL(file, folder), "utf8"));
    return Object.entries(texts).map(([key, text]) => /** @type {[string, string]} */ ([`${file}.${key}`, text]));
  });
  return new Map(parts.flat());
}

/** What fits a text, whatever stands in its places. @param {string} text */
export function pattern(text) {
  return text.split(/\{\{[^}]*\}\}/).map(escape).join("(.+)");
}

/** @param {string} text */
function escape(text) {
  return text.replace(/[.*+?^${}()|[\]\\]/g, "\\$&");
}

/** How somebody finds what a test calls by its English name. */
export class Words {
  /** @param {string} locale such as `es-MX` */
  constructor(locale) {
    const [language] = locale.split("-");
    this.language = language;
    this.english = textsOf("en");
    this.own = language === "en" ? this.english : textsOf(language);
  }

  /**
   * All that an English text can be in this language: the same words may be said differently in different places. What is
   * no text of the app, such as somebody's name, is what it is.
   *
   * @template {string | RegExp | undefined} T
   * @param {T} text
   * @returns {T | RegExp}
   */
  of(text) {
    if (typeof text !== "string" || this.language === "en") return text;
    const fits = [...this.english].flatMap(([key, english]) => {
      const found = new RegExp(`^${pattern(english)}$`, "u").exec(text);
      if (!found || english === "{{ name }}") return [];
      let place = 0;
      return [escape((this.own.get(key) ?? "").replace(/\{\{[^}]*\}\}/g, () => found[(place += 1)]))];
    });
    return fits.length === 0 ? text : new RegExp(`^\\s*(?:${fits.join("|")})`, "u");
  }
}
