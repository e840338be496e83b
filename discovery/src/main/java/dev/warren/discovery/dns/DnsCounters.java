package dev.warren.discovery.dns;

import java.util.LinkedHashMap;
import java.util.Map;
import java.util.concurrent.atomic.LongAdder;

/** What a resolver counts. Any thread. */
final class DnsCounters {
  final LongAdder questions = new LongAdder();
  final LongAdder answers = new LongAdder();
  final LongAdder cached = new LongAdder();
  final LongAdder failed = new LongAdder();
  final LongAdder truncated = new LongAdder();

  /** Messages that were not the answer to what was asked: late, broken, or made up. */
  final LongAdder ignored = new LongAdder();

  final LongAdder brokenAliases = new LongAdder();

  Map<String, Long> asMap() {
    Map<String, Long> map = new LinkedHashMap<>();
    map.put("questions", questions.sum());
    map.put("answers", answers.sum());
    map.put("cached", cached.sum());
    map.put("failed", failed.sum());
    map.put("truncated", truncated.sum());
    map.put("ignored", ignored.sum());
    map.put("brokenAliases", brokenAliases.sum());
    return map;
  }
}
