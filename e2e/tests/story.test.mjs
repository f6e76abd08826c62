// @ts-check
/** The story that must always work, with a mouse; by keyboard and by touch it is told in `keyboard` and `phone`. */
import { play } from "../lib/stage.mjs";
import { tellStory } from "../lib/story.mjs";

play("an accounting company is invited once by each client and manages its own people", tellStory, { seconds: 180 });
