import { useQueryClient } from "@tanstack/react-query";
import { useState, type ReactNode, type SyntheticEvent } from "react";
import { useSearchParams } from "react-router";
import { api, ask, type Schemas } from "@/api/client";
import { once } from "@/api/intent";
import { useMarketList, type Market } from "@/faces/retail/markets";
import { useWords } from "@/faces/retail/words";
import { useLatest } from "@/feed/hooks";
import { Button } from "@/kit/Button";
import { AmountField, Select, TextField } from "@/kit/fields";
import { Failed, Loaded } from "@/kit/states";
import { useToasts } from "@/kit/toasts";
import { canonical, isDecimal, ratio, sign } from "@/money/decimal";

type Direction = Schemas["Direction"];
const ONCE_BACK = "0.001"; // of the price, as the form offers it
const WAITS = [0, 60, 600, 3600, 86400];

export function AlertForm(): ReactNode {
  const markets = useMarketList();
  return <Loaded query={markets}>{(all) => <Form markets={all} />}</Loaded>;
}

const positive = (text: string): boolean => isDecimal(text) && sign(canonical(text)) > 0;

function Form({ markets }: { markets: readonly Market[] }): ReactNode {
  const { t, price: shown, percent } = useWords();
  const client = useQueryClient();
  const { tell } = useToasts();
  const [wanted] = useSearchParams(); // the ticket leads here with its market
  const [symbol, setSymbol] = useState(() => (markets.find((m) => m.symbol === wanted.get("symbol")) ?? markets[0])?.symbol ?? "");
  const [direction, setDirection] = useState<Direction>("above");
  const [price, setPrice] = useState("");
  const [back, setBack] = useState("0.1"); // per cent, as people say it
  const [wait, setWait] = useState(0);
  const [repeat, setRepeat] = useState(false);
  const [note, setNote] = useState("");
  const [busy, setBusy] = useState(false);
  const [error, setError] = useState<unknown>(null);
  const valid = positive(price) && (!repeat || (isDecimal(back) && sign(canonical(back)) >= 0));
  const submit = async (event: SyntheticEvent): Promise<void> => {
    event.preventDefault();
    if (!valid) return;
    setBusy(true);
    setError(null);
    const body = {
      symbol, direction, price: canonical(price), repeat, cooldown_s: repeat ? wait : 0,
      hysteresis: repeat ? ratio(canonical(back), "100", 12) : ONCE_BACK, ...(note === "" ? {} : { note }),
    };
    try {
      await once("price-alert", body, (header) => ask(api.POST("/v1/price-alerts", { body, params: { header } })));
      tell(t("retail_more:alert.made"), "good");
      setPrice("");
      setNote("");
    } catch (refused) {
      setError(refused);
    }
    setBusy(false);
    await client.invalidateQueries({ queryKey: ["price-alerts"] });
  };
  return (
    <form className="retail-form" onSubmit={(event) => void submit(event)}>
      <Select label={t("retail_more:col.market")} value={symbol} onChange={setSymbol} choices={markets.map((m) => ({ id: m.symbol, text: m.symbol }))} />
      <Current symbol={symbol} />
      <Select label={t("retail_more:alert.direction")} value={direction} onChange={(id) => { setDirection(id === "below" ? "below" : "above"); }}
        choices={[{ id: "above", text: t("retail_more:alert.above") }, { id: "below", text: t("retail_more:alert.below") }]} />
      <AmountField label={t("retail_more:alert.price", { quote: symbol.split("-")[1] })} value={price} onChange={setPrice} isRequired />
      <label className="retail-tick">
        <input type="checkbox" checked={repeat} onChange={(event) => { setRepeat(event.target.checked); }} />{t("retail_more:alert.repeat")}
      </label>
      {repeat && (
        <>
          <AmountField label={t("retail_more:alert.back")} value={back} onChange={setBack} />
          <p className="dim">{t("retail_more:alert.back_means", { share: isDecimal(back) ? percent(ratio(canonical(back), "100", 12), 2) : "" })}</p>
          <Select label={t("retail_more:alert.wait")} value={String(wait)} onChange={(id) => { setWait(WAITS.find((s) => String(s) === id) ?? 0); }}
            choices={WAITS.map((s) => ({ id: String(s), text: t(`retail_more:alert.wait_${s}`) }))} />
          <p className="dim">{t("retail_more:alert.wait_means")}</p>
        </>
      )}
      <TextField label={t("retail_more:alert.note")} value={note} onChange={setNote} maxLength={200} autoComplete="off" />
      {positive(price) && <p>{t(`retail_more:alert.says_${direction}`, { symbol, price: shown(canonical(price), symbol) })} {t(repeat ? "retail_more:alert.says_again" : "retail_more:alert.says_once")}</p>}
      {error !== null && <Failed error={error} />}
      <div><Button kind="primary" type="submit" busy={busy} isDisabled={!valid}>{t("retail_more:alert.create")}</Button></div>
    </form>
  );
}

/** Where the price is that the alert will watch. */
function Current({ symbol }: { symbol: string }): ReactNode {
  const { t, price } = useWords();
  const quotes = useLatest("quotes", symbol);
  const now = quotes?.composite.price ?? null;
  return <p className="dim">{now === null ? t("retail_more:alert.no_price") : t("retail_more:alert.now", { price: price(now, symbol) })}</p>;
}
