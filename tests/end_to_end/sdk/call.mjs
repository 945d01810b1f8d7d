// One call a line on standard input, as {"operation", "input"}; its end a line on standard output.
import { createInterface } from 'node:readline';
import * as rum from '@aws-sdk/client-rum';

const client = new rum.RUMClient({ disableHostPrefix: true, maxAttempts: 1 });

const asDates = (input) => {
  for (const event of input.RumEvents ?? []) event.timestamp = new Date(event.timestamp * 1000);
  return input;
};

for await (const line of createInterface({ input: process.stdin })) {
  const { operation, input } = JSON.parse(line);
  let end;
  try {
    const { $metadata, ...output } = await client.send(new rum[`${operation}Command`](asDates(input)));
    end = { status: $metadata.httpStatusCode, output };
  } catch (error) {
    end = { status: error.$metadata?.httpStatusCode, error: error.name, message: error.message };
  }
  process.stdout.write(`${JSON.stringify(end)}\n`);
}
