"""The YAML of a company with three systems that the project has never seen.

Belongs here: what somebody would write who onboards them, and nothing else. Not here: the sources
themselves, and what is expected of them (test_onboarding.py).
"""

COMPANY = """
company: Weber group
group_currency: EUR
legal_entities:
  weber_de: &entity
    name: Weber GmbH
    country: DE
    functional_currency: EUR
    owner: team:weber
    materiality: "5000"
    calendar: {timezone: Europe/Berlin}
  weber_at: {<<: *entity, name: Weber GesmbH, country: AT}
  harbor: {<<: *entity, name: Harbor Inc., country: US}
systems:
  erp:
    connector: erp
    connection: {url_env: WEBER_ERP}
    entities: [weber_de, weber_at]
    domains: [purchase_orders, receipts, invoices]
    owner: team:erp
  payables:
    connector: payables
    connection: {url_env: HARBOR_PAYABLES}
    entities: [harbor]
    domains: [invoices]
    owner: team:ap
  store:
    connector: store
    connection: {url_env: HARBOR_STORE}
    entities: [harbor]
    domains: [purchase_orders, receipts]
    owner: team:store
code_maps:
  uom: {ST: EA, KG: KGM, ea: EA}
policy:
  version: "1"
  tolerances:
    QTY_RECEIVED: {upper_abs: "0"}
    QTY_ORDERED: {upper_abs: "0"}
    PRICE_UNIT: {upper_pct: "0", lower_pct: "0"}
    LINE_TOTAL: {upper_abs: "0"}
    OVER_DELIVERY: {upper_pct: "0"}
    UNDER_DELIVERY: {lower_pct: "0"}
    DOC_ARITHMETIC: {upper_abs: "0", lower_abs: "0"}
    TAX_TOTAL: {upper_abs: "0", lower_abs: "0"}
    CHARGE_PLANNED: {upper_abs: "0"}
    CHARGE_UNPLANNED: {upper_abs: "0"}
    SEQUENCE: {upper_abs: null}
    DATE_VALUE: {upper_abs: null}
    LINE_CAP: {upper_abs: null}
    PRICE_VALUE: {upper_abs: null}
    QTY_RECEIVED_VALUE: {upper_abs: null}
    FX_RATE: {upper_pct: "5", lower_pct: "5"}
    UOM_RATIO: {upper_pct: "2", lower_pct: "2"}
    TAX_LINE: {upper_abs: "0", lower_abs: "0"}
    TAX_CODE: {}
    BALANCE_SMALL_DIFF: {upper_abs: "0", lower_abs: "0"}
    ORDER_TOTAL: {upper_abs: "0", lower_abs: "0"}
    OPEN_BALANCE: {}
"""

ERP = """
protocol: files
objects:
  heads:
    glob: "best/koepfe*.csv"
    encoding: auto
    delimiter: ";"
    header: find
    stop_at: "^Summe"
    key: [number]
    fields:
      number: [Bestellnr, Bestell-Nr.]
      company: [Buchungskreis, BuKr]
      supplier: [Lieferant, Kreditor]
      dated: [Belegdatum]
      net: [Nettowert]
  lines:
    glob: "best/pos*.csv"
    encoding: cp1252
    delimiter: ";"
    key: [Bestellnr, Pos]
    lines_of: {object: heads, key: [Bestellnr]}
  receipts:
    glob: "we/*.csv"
    encoding: auto
    delimiter: ";"
    header: find
    stop_at: "^Summe"
    key: [number]
    fields:
      number: [WE-Nr, Beleg]
      order: [Bestellung, Einkaufsbeleg]
      line: [BestPos, Bestellposition]
      qty: [Menge, WE-Menge]
      side: [S/H, Soll/Haben]
      dated: [Datum, Buchungsdatum]
  invoices: {glob: "rechnungen.csv", encoding: cp1252, delimiter: ";", key: [Belegnr]}
"""

ERP_MEANS = """
code_maps:
  company: {"1000": weber_de, "2000": weber_at}
mappings:
  - table: purchase_orders
    object: heads
    columns:
      {entity_id: "code('company', company)", po_id: "id('heads', whole(number))",
       po_number: whole(number), supplier_src_id: "id('vendors', whole(supplier))", ccy: "'EUR'",
       order_date: "date_in(dated, '%d.%m.%Y')", type: "'standard'", status_src: "'sent'",
       status_canon: "'sent'", buyer: "NULL", expected_date: "NULL", net_amount: "number(net, ',')",
       tax_amount: "NULL", charges_amount: "NULL", gross_amount: "NULL"}
  - table: purchase_order_lines
    object: lines
    joins: {head: {object: heads, condition: whole(head.number) = whole(record.Bestellnr)}}
    columns: &line
      {entity_id: "code('company', head.company)",
       po_line_id: "id('lines', whole(record.Bestellnr) || '/' || record.Pos)",
       po_id: "id('heads', whole(record.Bestellnr))", line_no: record.Pos, item_id: "NULL",
       description: record.Text, match_type: "'3w'", match_basis: "'qty'",
       qty_ordered: "number(record.Menge, ',')", uom_order: "code('uom', record.ME)",
       qty_ordered_base: "number(record.Menge, ',')", uom_base: "code('uom', record.ME)",
       unit_price: "number(record.Preis, ',')", price_unit: exact(record.PE),
       net_amount: "number(record.Netto, ',')", tax_rate: "NULL", due_date: "NULL",
       delivery_complete: "FALSE", cancelled: "FALSE"}
  - table: receipt_lines
    object: receipts
    joins: {head: {object: heads, condition: whole(head.number) = whole(record.order)}}
    columns:
      {entity_id: "code('company', head.company)", receipt_line_id: "id('receipts', record.number)",
       receipt_no: record.number, line_no: "'1'",
       po_line_id: "id('lines', whole(record.order) || '/' || record.line)",
       po_id: "id('heads', whole(record.order))",
       kind: "CASE record.side WHEN 'H' THEN 'return' ELSE 'receipt' END",
       qty: &qty "signed(number(record.qty, ','), record.side)", uom: "'EA'", qty_base: *qty,
       uom_base: "'EA'", qty_accepted: *qty, qty_rejected: "0",
       posting_date: "date_in(record.dated, '%d.%m.%Y')"}
  - table: invoices
    object: invoices
    columns:
      {entity_id: "code('company', BuKr)", invoice_id: "id('invoices', Belegnr)",
       invoice_no_supplier: Referenz, invoice_no_norm: Belegnr,
       kind: "CASE \\"S/H\\" WHEN 'S' THEN 'credit_value' ELSE 'invoice' END",
       supplier_src_id: "id('vendors', Kreditor)", ccy: "'EUR'",
       invoice_date: "date_in(Datum, '%d.%m.%Y')", due_date: "NULL",
       net: &net "-signed(number(Netto, ','), \\"S/H\\")", tax: "0", charges: "0", gross: *net,
       status_src: "'posted'", status_canon: "'posted'", settled_date: "NULL",
       open_amount_stated: "NULL"}
"""

PAYABLES = """
protocol: files
objects:
  invoices:
    glob: "*/invoices.csv"
    key: [Invoice]
    constants: [{files: "us/*", set: {style: US}}, {files: "uk/*", set: {style: UK}}]
  lines: {glob: lines.csv, key: [Invoice, Line], lines_of: {object: invoices, key: [Invoice]}}
"""

PAYABLES_MEANS = """
code_maps:
  kind: {INV: invoice, CM: credit_value}
mappings:
  - table: invoices
    object: invoices
    columns:
      invoice_id: id('invoices', Invoice)
      invoice_no_supplier: Invoice
      invoice_no_norm: Invoice
      kind: code('kind', Kind)
      supplier_src_id: id('vendors', Vendor)
      ccy: "'EUR'"
      invoice_date: CASE style WHEN 'US' THEN date_in("Date", '%m/%d/%Y')
        ELSE date_in("Date", '%d/%m/%Y') END
      due_date: "NULL"
      net: number(Total, '.')
      tax: "0"
      charges: "0"
      gross: number(Total, '.')
      status_src: "'posted'"
      status_canon: "'posted'"
      settled_date: "NULL"
      open_amount_stated: "NULL"
  - table: invoice_lines
    object: lines
    columns:
      {invoice_line_id: "id('lines', Invoice || '/' || Line)",
       invoice_id: "id('invoices', Invoice)", line_no: Line, type: "'item'",
       po_number_ref: "NULL", po_id: "NULL", po_line_id: "NULL",
       item_id: "NULL", description: Memo, qty: "1", uom: "'EA'", unit_price: "NULL",
       net_amount: "number(Amount, '.')", tax_amount: "NULL"}
"""

STORE = """
protocol: sql
objects:
  orders:
    query: SELECT guid, doc, is_del, n_lines, total, chg FROM po WHERE book = 'P'
    key: [guid]
    cursor: chg
    control_totals: {total: 2}
  lines:
    table: po_line
    key: [guid, ln]
    lines_of: {object: orders, key: [guid], count: n_lines}
    control_totals: {amt: 2}
  purged: {table: purge_log, key: [logno], cursor: logno}
  receipts:
    table: rcv
    key: [rid]
    cursor: chg
    control_totals: {q: 3}
    deleted_by: {object: purged, key: [ref]}
"""

STORE_MEANS = """
mappings:
  - table: purchase_orders
    object: orders
    deleted: is_del = '1'
    columns:
      {po_id: "id('orders', guid)", po_number: doc, supplier_src_id: "id('vendors', 'K1')",
       ccy: "'EUR'", order_date: "day('2026-01-05')", type: "'standard'", status_src: "'sent'",
       status_canon: "'sent'", buyer: "NULL", expected_date: "NULL", net_amount: exact(total),
       tax_amount: "NULL", charges_amount: "NULL", gross_amount: "NULL"}
  - table: purchase_order_lines
    object: lines
    columns:
      {po_line_id: "id('lines', guid || '/' || ln)", po_id: "id('orders', guid)", line_no: ln,
       item_id: "NULL", description: "NULL", match_type: "'3w'", match_basis: "'qty'",
       qty_ordered: exact(q), uom_order: "'EA'", qty_ordered_base: exact(q), uom_base: "'EA'",
       unit_price: exact(p), price_unit: "1", net_amount: exact(amt), tax_rate: "NULL",
       due_date: "NULL", delivery_complete: "FALSE", cancelled: "FALSE"}
  - table: receipt_lines
    object: receipts
    columns:
      {receipt_line_id: "id('receipts', rid)", receipt_no: rid, line_no: "'1'",
       po_line_id: "id('lines', guid || '/' || ln)", po_id: "id('orders', guid)",
       kind: "'receipt'", qty: exact(q), uom: "'EA'", qty_base: exact(q), uom_base: "'EA'",
       qty_accepted: exact(q), qty_rejected: "0", posting_date: day(chg)}
"""

OVERRIDE = """
systems:
  erp:
    overrides:
      mappings: [{table: purchase_order_lines, object: lines, columns: {tax_rate: "19"}}]
"""
