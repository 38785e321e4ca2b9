// One bundle for all screens of this face: they are small, seldom seen, and each file of its own would cost everybody's first visit a name.

export { default as AppsRoom } from "./AppsRoom";
export { default as ConnectRoom } from "./ConnectRoom";
export { default as DeviceRoom } from "./DeviceRoom";
export { default as EmbedPage } from "./EmbedPage";
export { default as ProgramsRoom } from "./ProgramsRoom";
