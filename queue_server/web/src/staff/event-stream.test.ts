// @vitest-environment happy-dom
import { expect, it } from "vitest";
import { parsedEvents } from "./event-stream";

it("keeps what is not whole yet for the next piece", () => {
  const first = parsedEvents("retry: 3000\n\nevent: clinic-metrics\nid: 7\nda");
  expect(first.events).toEqual([]);
  const second = parsedEvents(`${first.rest}ta: {"a":1}\n\n: still here\n\n`);
  expect(second).toEqual({
    events: [{ name: "clinic-metrics", id: "7", data: '{"a":1}' }],
    rest: "",
  });
});

it("puts lines of data together, whatever ends them", () => {
  expect(parsedEvents("data: one\r\ndata: two\r\n\r\n").events[0]?.data).toBe("one\ntwo");
});
