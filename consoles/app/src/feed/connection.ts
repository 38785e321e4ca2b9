// One socket per tab. State channels keep the newest whole state; event channels (`orders`, `fills`) lose nothing: after a reconnect they
// resume behind the last entry that was handed on. What is painted is told once per animation frame, however fast messages come.

export interface Message {
  channel: string;
  seq: number;
  type: "snapshot" | "update";
  data: unknown;
}

export type Status = "connecting" | "live" | "reconnecting";
type Listener = (message: Message) => void;

interface Answer extends Partial<Message> {
  op?: string;
  code?: string;
}

interface Channel {
  listeners: Set<Listener>;
  latest: Message | null;
  /** performance-independent wall time of the newest message, for its age. */
  at: number;
  lastSeq: number | null;
}

const FIRST_DELAY_MS = 250;
const LONGEST_DELAY_MS = 8000;
const SILENCE_MS = 20_000; // a heartbeat comes every 15 s
const AGAIN_MS = 2000;
const PASSING = new Set(["unavailable", "quotes_unavailable", "stats_unavailable"]);
const GONE = new Set([4401, 4410]); // the session ended

export const isEventChannel = (name: string): boolean => name === "orders" || name === "fills";
const isStateChannel = (name: string): boolean => /^(quotes|book|balances)(:|$)/.test(name);

export class Connection {
  private readonly channels = new Map<string, Channel>();
  private readonly watchers = new Set<() => void>();
  private readonly dirty = new Set<string>();
  private socket: WebSocket | null = null;
  private attempts = 0;
  private heard = 0;
  private frame = 0;
  private timer: ReturnType<typeof setTimeout> | null = null;
  private guard: ReturnType<typeof setInterval> | null = null;
  status: Status = "connecting";
  private onGone: () => void = () => undefined;
  /** How often the socket was lost; tests and the connection pill show it. */
  losses = 0;

  /** `inFrame` runs what paints, inside the animation frame; React's flushSync there spares every number one frame of waiting. */
  constructor(private readonly address: string, private readonly inFrame: (act: () => void) => void = (act) => { act(); }) {}

  /** @param onGone called when the server ended the session of this socket. */
  start(onGone: () => void): void {
    if (this.socket !== null) return;
    this.onGone = onGone;
    this.open();
    this.guard = setInterval(() => {
      if (this.status === "live" && Date.now() - this.heard > SILENCE_MS) this.socket?.close();
    }, 2000);
  }

  stop(): void {
    if (this.guard !== null) clearInterval(this.guard);
    if (this.timer !== null) clearTimeout(this.timer);
    this.guard = this.timer = null;
    const socket = this.socket;
    this.socket = null;
    socket?.close();
    // Whoever comes next may be somebody else, whose numbers are others.
    for (const channel of this.channels.values()) Object.assign(channel, { latest: null, at: 0, lastSeq: null });
    this.become("connecting");
  }

  /** Listen until the returned function is called; the newest state, if there is one, comes at once. */
  listen(name: string, listener: Listener): () => void {
    let channel = this.channels.get(name);
    if (channel === undefined) {
      channel = { listeners: new Set(), latest: null, at: 0, lastSeq: null };
      this.channels.set(name, channel);
      this.say({ op: "subscribe", channels: [name] });
    } else if (channel.latest !== null && isStateChannel(name)) {
      listener(channel.latest);
    } else if (channel.listeners.size > 0 || channel.lastSeq !== null) {
      this.say({ op: "subscribe", channels: [name] }); // a snapshot for the newcomer
    }
    channel.listeners.add(listener);
    return () => {
      channel.listeners.delete(listener);
      if (channel.listeners.size > 0) return;
      this.channels.delete(name);
      this.say({ op: "unsubscribe", channels: [name] });
    };
  }

  /** Wall time at which the channel last spoke; 0 when it never did. */
  heardAt(name: string): number {
    return this.channels.get(name)?.at ?? 0;
  }

  watch(listener: () => void): () => void {
    this.watchers.add(listener);
    return () => this.watchers.delete(listener);
  }

  private open(): void {
    const socket = new WebSocket(this.address);
    this.socket = socket;
    socket.onopen = () => {
      this.attempts = 0;
      this.heard = Date.now();
      this.become("live");
      this.rejoin();
    };
    socket.onmessage = (event) => {
      this.heard = Date.now();
      this.receive(JSON.parse(event.data as string) as Answer);
    };
    socket.onclose = (event) => {
      if (this.socket !== socket) return;
      this.losses += 1;
      this.become("reconnecting");
      if (GONE.has(event.code)) {
        this.onGone();
        this.attempts = Infinity; // tried seldom: whoever is still logged in gets the feed back, whoever is not stops it
      }
      const delay = Math.min(FIRST_DELAY_MS * 2 ** this.attempts, LONGEST_DELAY_MS);
      this.attempts += 1;
      this.timer = setTimeout(() => { this.open(); }, delay + Math.random() * 100);
    };
  }

  private rejoin(): void {
    const fresh: string[] = [];
    for (const [name, channel] of this.channels) {
      if (isEventChannel(name) && channel.lastSeq !== null) this.say({ op: "resume", channel: name, seq: channel.lastSeq });
      else fresh.push(name);
    }
    if (fresh.length > 0) this.say({ op: "subscribe", channels: fresh });
  }

  private receive(answer: Answer): void {
    const name = answer.channel;
    if (name === undefined) return;
    const channel = this.channels.get(name);
    if (channel === undefined) return;
    if (answer.op === "error") {
      this.refused(name, channel, answer.code ?? "");
      return;
    }
    if (answer.type === undefined || answer.seq === undefined) return;
    const message = answer as Message;
    if (isEventChannel(name) && message.type === "update" && channel.lastSeq !== null && message.seq <= channel.lastSeq) return;
    channel.at = Date.now();
    channel.lastSeq = message.seq;
    if (!isStateChannel(name)) {
      for (const listener of channel.listeners) listener(message);
      return;
    }
    channel.latest = message;
    this.dirty.add(name);
    this.frame ||= requestAnimationFrame(() => { this.paint(); });
  }

  /** Whatever was refused for the moment is asked for again, by number while numbers are kept. */
  private refused(name: string, channel: Channel, code: string): void {
    if (code === "resume_too_old") {
      channel.lastSeq = null;
      this.say({ op: "subscribe", channels: [name] });
    } else if (PASSING.has(code)) {
      setTimeout(() => { if (this.channels.get(name) === channel) this.join(name, channel); }, AGAIN_MS);
    }
  }

  private join(name: string, channel: Channel): void {
    if (isEventChannel(name) && channel.lastSeq !== null) this.say({ op: "resume", channel: name, seq: channel.lastSeq });
    else this.say({ op: "subscribe", channels: [name] });
  }

  private paint(): void {
    this.frame = 0;
    const names = [...this.dirty];
    this.dirty.clear();
    this.inFrame(() => {
      for (const name of names) {
        const channel = this.channels.get(name);
        if (channel?.latest) for (const listener of channel.listeners) listener(channel.latest);
      }
    });
  }

  private say(message: object): void {
    if (this.socket?.readyState === WebSocket.OPEN) this.socket.send(JSON.stringify(message));
  }

  private become(status: Status): void {
    if (this.status === status) return;
    this.status = status;
    for (const watcher of this.watchers) watcher();
  }
}
