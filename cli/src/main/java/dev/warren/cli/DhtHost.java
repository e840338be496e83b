package dev.warren.cli;

import dev.warren.discovery.dht.DhtClient;
import dev.warren.discovery.dht.DhtDiscovery;
import java.util.List;
import picocli.CommandLine.TypeConversionException;

/**
 * Nodes to begin with in a DHT.
 *
 * @param all each as {@code HOST:PORT}
 */
record DhtHost(List<String> all) {
  /** {@code HOST:PORT}, or the word for the nodes of the public DHT, which nothing uses unasked. */
  static DhtHost parse(String text) {
    if (text.equals("public")) {
      return new DhtHost(DhtDiscovery.PUBLIC_BOOTSTRAP);
    }
    try {
      DhtClient.builder().bootstrap(text);
      return new DhtHost(List.of(text));
    } catch (IllegalArgumentException e) {
      throw new TypeConversionException(e.getMessage());
    }
  }
}
