// A story in prices, played point by point: the next one goes out after composite, book and triggered orders are through with the last.

import { useQueryClient } from "@tanstack/react-query";
import { useId, useRef, useState, type ReactNode } from "react";
import { useTranslation } from "react-i18next";
import { Button } from "@/kit/Button";
import { Select } from "@/kit/fields";
import { Failed } from "@/kit/states";
import { canonical, isDecimal, mul, placesOf, sign, toGrid, type Decimal } from "@/money/decimal";
import { Progress } from "./Progress";
import { post, usePrices, type Play, type Prices } from "./sandbox";

/** Stories as factors of the present price. */
const STORIES: Record<string, readonly Decimal[]> = {
  dip: ["0.999", "0.997", "0.994", "0.992", "0.994", "0.997", "1"],
  climb: ["1.001", "1.002", "1.003", "1.004", "1.005", "1.006", "1.008", "1.01"],
  jitter: ["1.0005", "0.9995", "1.0008", "0.9992", "1.0003", "1"],
};
const STEPS = ["PT0S", "PT1S", "PT10S"] as const;

interface Run { played: number; total: number; state: "playing" | "done" | "stopped" | "failed" }

function pointsOf(text: string): Decimal[] | null {
  const words = text.split(/[\s,;]+/).filter((word) => word !== "");
  return words.length > 0 && words.every((word) => isDecimal(word) && sign(canonical(word)) > 0) ? words.map(canonical) : null;
}

function told(prices: Prices, symbol: string, story: string): string {
  const present = Object.values(prices[symbol] ?? {})[0]?.mid ?? "0";
  const grid = placesOf(present) > 2 ? "0.000001" : "0.1";
  return (STORIES[story] ?? []).map((factor) => toGrid(mul(present, factor), grid)).join(" ");
}

/** Plays one point after the other and can be stopped between two. */
function usePlayer(): { run: Run | null; error: unknown; play: (symbol: string, points: Decimal[], after: string) => Promise<void>; stop: () => void } {
  const client = useQueryClient();
  const [run, setRun] = useState<Run | null>(null);
  const [error, setError] = useState<unknown>(null);
  const stopped = useRef(false);
  const wantsStop = (): boolean => stopped.current;
  const play = async (symbol: string, points: Decimal[], after: string): Promise<void> => {
    stopped.current = false;
    setError(null);
    for (const [played, price] of points.entries()) {
      if (wantsStop()) { setRun({ played, total: points.length, state: "stopped" }); return; }
      setRun({ played, total: points.length, state: "playing" });
      try {
        await post<Play>("prices", { symbol, path: [{ price, after: played === 0 ? "PT0S" : after }] });
      } catch (refused) {
        setError(refused);
        setRun({ played, total: points.length, state: "failed" });
        return;
      }
    }
    setRun({ played: points.length, total: points.length, state: "done" });
    await client.invalidateQueries({ queryKey: ["sandbox"] });
  };
  return { run, error, play, stop: () => { stopped.current = true; } };
}

export function Script(): ReactNode {
  const { t } = useTranslation("sandbox");
  const { data: prices = {} } = usePrices();
  const symbols = Object.keys(prices);
  const [chosen, setChosen] = useState("");
  const symbol = chosen === "" ? (symbols[0] ?? "") : chosen;
  const [text, setText] = useState("");
  const [after, setAfter] = useState<string>("PT0S");
  const { run, error, play, stop } = usePlayer();
  const points = pointsOf(text);
  const playing = run?.state === "playing";
  return (
    <div className="stack">
      <p className="dim">{t("script.note")}</p>
      <div className="row">
        {Object.keys(STORIES).map((id) => (
          <Button key={id} isDisabled={symbol === "" || playing} onPress={() => { setText(told(prices, symbol, id)); }}>{t(`script.story.${id}`)}</Button>
        ))}
      </div>
      <Points value={text} onChange={setText} />
      <div className="sandbox-form">
        <Select label={t("word.market")} value={symbol} onChange={setChosen} choices={symbols.map((id) => ({ id, text: id }))} />
        <Select label={t("script.between")} value={after} onChange={setAfter} choices={STEPS.map((id) => ({ id, text: t(`script.step.${id}`) }))} />
        <Button kind="primary" busy={playing} isDisabled={points === null} onPress={() => void play(symbol, points ?? [], after)}>{t("script.play")}</Button>
        {playing && <Button onPress={stop}>{t("script.stop")}</Button>}
      </div>
      {run !== null && <Progress name={t(`script.state.${run.state}`, { played: run.played, total: run.total })} done={run.played} total={run.total} />}
      {error !== null && <Failed error={error} />}
      <p className="dim">{t("script.after")}</p>
    </div>
  );
}

function Points({ value, onChange }: { value: string; onChange: (text: string) => void }): ReactNode {
  const { t } = useTranslation("sandbox");
  const id = useId();
  const wrong = value.trim() !== "" && pointsOf(value) === null;
  return (
    <div className="field sandbox-points">
      <label htmlFor={id}>{t("script.points")}</label>
      <textarea id={id} value={value} onChange={(event) => { onChange(event.target.value); }} spellCheck={false} aria-invalid={wrong} placeholder="60000 59900 60100" />
      {wrong && <span className="field-error">{t("script.wrong")}</span>}
    </div>
  );
}
