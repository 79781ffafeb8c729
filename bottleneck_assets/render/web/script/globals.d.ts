// The two libraries of the page, as far as it uses them, with the types of their packages in mind.

interface DataTableWidget {
  on(event: "draw", listener: () => void): void;
  search(): string;
  order(): [number, string][];
  page: { (which: "first"): { draw(how: "page"): void }; len(rows: number): { draw(): void } };
  destroy(): void;
}
interface TableRequest {
  draw: number;
  start: number;
  length: number;
  search: { value: string };
  order: { column: number; dir: "asc" | "desc" }[];
}
declare const DataTable: new (place: HTMLElement, options: {
  columns: { title: string; className: string; data: null; orderSequence: string[]; type: string; render(data: null, purpose: string, row: any): string }[];
  ajax(asked: TableRequest, give: (page: { draw: number; recordsTotal: number; recordsFiltered: number; data: any[] }) => void): void;
  [option: string]: unknown;
}) => DataTableWidget;

interface VegaView {
  addEventListener(event: string, listener: (event: MouseEvent, item?: { datum: any; mark: { role: string } }) => void): void;
  finalize(): void;
  toCanvas(scale: number): Promise<HTMLCanvasElement>;
}
declare function vegaEmbed(place: HTMLElement, spec: object, options: object): Promise<{ view: VegaView }>;
