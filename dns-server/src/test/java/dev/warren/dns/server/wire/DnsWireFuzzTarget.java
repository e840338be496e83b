package dev.warren.dns.server.wire;

import com.code_intelligence.jazzer.junit.FuzzTest;

/** Queries, and requests of DNS over HTTPS, from anybody. */
class DnsWireFuzzTarget {
  @FuzzTest
  void query(byte[] input) throws Exception {
    DnsWireProperties.checkQuery(input);
  }

  @FuzzTest
  void target(byte[] input) throws Exception {
    DnsWireProperties.checkTarget("/dns-query?" + DnsWireProperties.latin(input), "*/*");
  }

  @FuzzTest
  void accept(byte[] input) throws Exception {
    DnsWireProperties.checkTarget("/dns-query?name=x", DnsWireProperties.latin(input));
  }
}
