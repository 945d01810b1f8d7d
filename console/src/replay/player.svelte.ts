// Plays a recording: a clock, and what was recorded up to it. To go back is to build the page anew from the last picture of
// the whole before that moment.

import { CHANGE, idleSpans, MOUSE, numberOf, pictureBefore, RECORD, type Recorded } from './records';
import { ReplayedPage } from './page';

export const SPEEDS = [1, 2, 4, 8] as const;
/** One begins to watch so long before what one wants to see. */
export const BEFORE_MS = 2000;
/** Nothing recorded for so long is not watched. */
const IDLE_MS = 3000;
/** What is left of it before it goes on. */
const LEAD_MS = 500;
const FRAME_MS_MAX = 250;

export interface Pointer {
  x: number;
  y: number;
  /** Counts presses: each is shown once. */
  presses: number;
  touch: boolean;
}

export class Player {
  /** Epoch ms of what is shown. */
  moment = $state(0);
  playing = $state(false);
  speed = $state<number>(1);
  /** Pass over what nothing happens in. */
  quick = $state(true);
  /** Of the visitor's window. */
  size = $state.raw({ width: 1280, height: 800 });
  pointer = $state.raw<Pointer | null>(null);
  from = $state(0);
  to = $state(0);
  /** Stretches that are passed over where it is `quick`. */
  idle = $state.raw<{ from: number; to: number }[]>([]);

  private records: Recorded[] = [];
  /** Up to where there are any yet. */
  private recorded = 0;
  private page: ReplayedPage | undefined;
  /** Behind the last record that is shown. */
  private at = 0;
  private frame = 0;
  private last = 0;

  get length(): number {
    return this.to - this.from;
  }

  /** Where it is shown: a frame with an empty document. */
  attach(frame: HTMLIFrameElement): void {
    if (frame.contentDocument?.URL !== 'about:srcdoc') return; // the one it had before that, and loses
    this.page = new ReplayedPage(frame);
    this.at = 0;
    if (this.records.length > 0) this.seek(this.moment);
  }

  /** It is shown nowhere any more. */
  detach(): void {
    this.pause();
    this.page = undefined;
  }

  /** What there is to play. More of it may come while it plays, up to `end`, about; 0 where nothing more comes. */
  load(records: Recorded[], moment: number | undefined, end = 0): void {
    const first = this.records.length === 0;
    this.records = records;
    this.idle = idleSpans(records, IDLE_MS);
    this.from = records[pictureBefore(records, -Infinity)]?.at ?? 0;
    this.recorded = records.at(-1)?.at ?? 0;
    this.to = Math.max(this.recorded, end);
    if (first) this.seek(moment ?? this.from);
  }

  /** Show a moment. */
  seek(moment: number): void {
    this.moment = Math.min(Math.max(moment, this.from), this.to);
    const picture = pictureBefore(this.records, this.moment);
    if (picture < 0 || this.page === undefined) return;
    const shown = this.at > 0 ? (this.records[this.at - 1] as Recorded).at : -Infinity;
    if (this.at <= picture || shown > this.moment) {
      this.at = picture;
      this.pointer = null;
      const meta = this.records.slice(0, picture).findLast(({ kind }) => kind === RECORD.meta);
      if (meta !== undefined) this.resize(meta);
    }
    this.advance();
  }

  toggle(): void {
    if (this.playing) this.pause();
    else this.play();
  }

  play(): void {
    if (this.records.length === 0) return;
    if (this.moment >= this.to) this.seek(this.from);
    this.playing = true;
    this.last = performance.now();
    this.frame = requestAnimationFrame(this.tick);
  }

  pause(): void {
    this.playing = false;
    cancelAnimationFrame(this.frame);
  }

  private tick = (now: number): void => {
    if (!this.playing) return;
    // A tab that was away goes on where it was.
    const passed = Math.min(now - this.last, FRAME_MS_MAX) * this.speed;
    this.last = now;
    this.moment = Math.min(this.recorded, this.pastIdle(this.moment + passed));
    this.advance();
    if (this.moment >= this.to) this.playing = false;
    else this.frame = requestAnimationFrame(this.tick);
  };

  private pastIdle(moment: number): number {
    if (!this.quick) return moment;
    const span = this.idle.find(({ from, to }) => moment > from + LEAD_MS && moment < to - LEAD_MS);
    return span === undefined ? moment : span.to - LEAD_MS;
  }

  private advance(): void {
    for (let record = this.records[this.at]; record && record.at <= this.moment; record = this.records[this.at]) {
      this.at += 1;
      this.show(record);
    }
  }

  private show(record: Recorded): void {
    this.page?.show(record);
    if (record.kind === RECORD.meta) this.resize(record);
    if (record.kind !== RECORD.change) return;
    const { source, type, x, y } = record.data;
    if (source === CHANGE.resize) this.resize(record);
    else if (source === CHANGE.mouseMove || source === CHANGE.drag) this.point(x, y, false);
    else if (source === CHANGE.touchMove) this.point(x, y, true);
    else if (source === CHANGE.mouse && (type === MOUSE.down || type === MOUSE.touchStart))
      this.press(x, y, type === MOUSE.touchStart);
  }

  private point(x: unknown, y: unknown, touch: boolean): void {
    const [across, down] = [numberOf(x), numberOf(y)];
    if (across === undefined || down === undefined) return;
    this.pointer = { x: across, y: down, touch, presses: this.pointer?.presses ?? 0 };
  }

  /** A browser tells of a finger once more, as of a mouse that is pressed. */
  private press(x: unknown, y: unknown, finger: boolean): void {
    const touch = finger || this.pointer?.touch === true;
    this.point(x, y, touch);
    if (this.pointer !== null && (finger || !touch))
      this.pointer = { ...this.pointer, presses: this.pointer.presses + 1 };
  }

  private resize({ data }: Recorded): void {
    const [width, height] = [numberOf(data.width), numberOf(data.height)];
    if (!width || !height || width < 1 || height < 1) return;
    this.size = { width: Math.min(width, 10_000), height: Math.min(height, 10_000) };
  }
}
