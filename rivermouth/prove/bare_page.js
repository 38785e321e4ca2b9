// Paints the numbers of one market and does nothing else: what the console's trade room is measured against.
(symbol) => {
  document.body.innerHTML = '<p class="retail-composite"><span class="retail-price"><span id="price"></span></span></p><table id="venues"></table><table id="book"></table>';
  const cells = new Map();
  const cell = (table, row, column) => {
    const name = `${table}/${row}/${column}`;
    if (!cells.has(name)) {
      const body = document.getElementById(table);
      while (body.rows.length <= row) body.insertRow();
      while (body.rows[row].cells.length <= column) body.rows[row].insertCell();
      cells.set(name, body.rows[row].cells[column]);
    }
    return cells.get(name);
  };
  const write = (node, text) => { if (node.textContent !== text) node.textContent = text; };
  const line = (table, row, texts) => { texts.forEach((text, column) => { write(cell(table, row, column), String(text)); }); };
  const quotes = (data) => {
    write(document.getElementById("price"), data.composite.price ?? "");
    data.venues.forEach((venue, row) => { line("venues", row, [venue.venue, venue.bid, venue.ask]); });
  };
  const book = (data) => { [...data.asks.slice(0, 12), ...data.bids.slice(0, 12)].forEach((level, row) => { line("book", row, Object.values(level)); }); };
  const socket = new WebSocket(`ws://${location.host}/v1/stream`);
  socket.onopen = () => { socket.send(JSON.stringify({ op: "subscribe", channels: [`quotes:${symbol}`, `book:${symbol}`, `trades:${symbol}`] })); };
  socket.onmessage = (event) => {
    const message = JSON.parse(event.data);
    if (message.data === undefined) return;
    if (message.channel.startsWith("quotes:")) quotes(message.data);
    if (message.channel.startsWith("book:")) book(message.data);
  };
}
