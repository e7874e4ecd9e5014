import { expect } from 'chai';
import { outcomeOn, type Row } from '../../bench/row.ts';
import { median, quantile } from '../../bench/statistics.ts';
import { tableOf } from '../../bench/table.ts';

function row(outcome: Row['outcome']): Row {
  return { id: outcome, what: 'a start', measured: '2 s', goal: 'under 3 s', outcome, figures: {} };
}

describe('the table of the benchmark', () => {
  it('has a line for each row, and says which goals are met', () => {
    expect(tableOf([row('met'), row('missed'), row('notMeasured')])).to.equal(
      [
        '| what    | measured | goal      |        |',
        '| ------- | -------- | --------- | ------ |',
        '| a start | 2 s      | under 3 s | met    |',
        '| a start | 2 s      | under 3 s | MISSED |',
        '| a start | 2 s      | under 3 s | –      |',
        '',
      ].join('\n'),
    );
  });

  it('evaluates only what is as the goal says', () => {
    expect([outcomeOn(true, true), outcomeOn(false, true), outcomeOn(false, false)]).to.deep.equal(['met', 'missed', 'notMeasured']);
  });
});

describe('the statistics of the benchmark', () => {
  const hundred = Array.from({ length: 100 }, (_, index) => 100 - index);

  it('give the value that a share does not exceed', () => {
    expect([quantile(hundred, 0.99), median(hundred), quantile(hundred, 0), median([7])]).to.deep.equal([99, 50, 1, 7]);
  });

  it('give no value of nothing', () => {
    expect(median([])).to.be.NaN;
  });
});
