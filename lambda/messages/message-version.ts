/** The version of the message format; every message carries it. */

export const MESSAGE_VERSION = 1;
