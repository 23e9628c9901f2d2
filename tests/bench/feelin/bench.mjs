// One condition, evaluated many times by feelin, which reads its text each time: what a host can ask of it.
import { evaluate } from '@bpmn-io/feelin';

const times = Number(process.argv[2]);
const text = 'amount > 100 and category = "tree"';
const context = { amount: 120, category: 'tree' };

function run(count) {
  let held = 0;
  for (let n = 0; n < count; n++) {
    if (evaluate(text, context).value === true) held++;
  }
  if (held !== count) throw new Error(`Expected ${count} times true, but got ${held}`);
}

run(Math.min(times, 2000)); // let the compiler warm up
const before = process.cpuUsage();
run(times);
const used = process.cpuUsage(before);
console.log(JSON.stringify({ per_cpu_s: times / ((used.user + used.system) / 1e6) }));
