// @ts-check
/** Without a mouse. */
import { play } from "../lib/stage.mjs";
import { tellStory } from "../lib/story.mjs";

play("the whole story needs no mouse", (stage) => tellStory(stage, { keyboard: true }), { seconds: 240 });
