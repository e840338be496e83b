package dev.warren.discovery;

import static org.assertj.core.api.Assertions.assertThat;

import dev.warren.base.NodeId;
import dev.warren.base.SecretKey;
import java.util.List;
import java.util.Optional;
import org.junit.jupiter.api.Test;

class MemoryDiscoveryTest {
  private static final NodeId NODE = SecretKey.generate().nodeId();

  private final MemoryDiscovery memory = new MemoryDiscovery();

  private Recorder resolve() {
    Recorder sink = new Recorder();
    memory.resolve(NODE, sink);
    return sink;
  }

  @Test
  void setReplacesAndReturnsWhatWasThere() {
    assertThat(memory.set(NODE, FakeService.at("192.0.2.1:1"))).isEmpty();
    assertThat(memory.set(NODE, FakeService.at("192.0.2.1:2")))
        .contains(FakeService.at("192.0.2.1:1"));
    assertThat(memory.get(NODE)).contains(FakeService.at("192.0.2.1:2"));
  }

  @Test
  void addKeepsOldAddressesAndReplacesUserData() {
    memory.add(NODE, FakeService.at("192.0.2.1:1").withUserData("old"));
    memory.add(NODE, FakeService.at("192.0.2.1:2"));
    assertThat(memory.get(NODE)).contains(FakeService.at("192.0.2.1:2", "192.0.2.1:1"));
  }

  @Test
  void whatIsRemovedIsNotFound() {
    memory.set(NODE, FakeService.at("192.0.2.1:1"));
    assertThat(memory.remove(NODE)).contains(FakeService.at("192.0.2.1:1"));
    assertThat(memory.get(NODE)).isEmpty();
    assertThat(resolve().items).isEmpty();
    assertThat(resolve().ends).containsExactly("done");
  }

  @Test
  void aFindingNamesItsProvenanceAndAge() {
    memory.set(NODE, FakeService.at("192.0.2.1:1"));
    Recorder sink = resolve();
    assertThat(sink.items).extracting(DiscoveryItem::provenance).isEqualTo(List.of("memory"));
    assertThat(sink.items.get(0).lastUpdated()).isPresent();
    assertThat(sink.ends).containsExactly("done");
  }

  @Test
  void closingKeepsWhatTheApplicationPutIn() {
    memory.set(NODE, FakeService.at("192.0.2.1:1"));
    memory.close();
    assertThat(resolve().items).hasSize(1);
  }

  @Test
  void aNodeKeepsABoundedNumberOfAddresses() {
    for (int i = 1; i <= 3 * MemoryDiscovery.MAX_ADDRESSES; i++) {
      memory.add(NODE, FakeService.at("192.0.2.1:" + i));
    }
    assertThat(memory.get(NODE).orElseThrow().addrs())
        .hasSize(MemoryDiscovery.MAX_ADDRESSES)
        .startsWith(
            FakeService.at("192.0.2.1:" + 3 * MemoryDiscovery.MAX_ADDRESSES).addrs().get(0));
  }

  @Test
  void publishingIsIgnored() {
    memory.publish(new EndpointData(List.of(), Optional.of("us")));
    assertThat(resolve().items).isEmpty();
  }
}
