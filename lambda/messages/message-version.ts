export const MESSAGE_VERSION = 1;
