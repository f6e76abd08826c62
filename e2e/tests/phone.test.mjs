// @ts-check
/** On a phone, by touch. */
import { play } from "../lib/stage.mjs";
import { tellStory } from "../lib/story.mjs";

play("the whole story can be tapped on a phone", (stage) => tellStory(stage, { phone: true }), { seconds: 240 });
