package dev.warren.discovery;

import dev.warren.base.NodeId;
import dev.warren.base.SocketAddrs;
import dev.warren.base.Subscription;
import dev.warren.base.TransportAddr;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/** A service that answers when the test says so, and notes what is asked of it. */
final class FakeService implements Discovery {
  final String name;
  final List<EndpointData> published = new ArrayList<>();
  final List<ResolveSink> asked = new ArrayList<>();
  int stopped;
  int closed;
  @Nullable RuntimeException thrown;

  FakeService(String name) {
    this.name = name;
  }

  /** One that throws whatever it is asked. */
  static FakeService throwing(String name) {
    FakeService service = new FakeService(name);
    service.thrown = new IllegalStateException(name + " is broken");
    return service;
  }

  static EndpointData at(String... addresses) {
    List<TransportAddr> all = new ArrayList<>();
    for (String address : addresses) {
      all.add(new TransportAddr.Ip(SocketAddrs.parse(address)));
    }
    return new EndpointData(all, Optional.empty());
  }

  DiscoveryItem item(NodeId id, String... addresses) {
    return new DiscoveryItem(id, at(addresses), name, Optional.empty());
  }

  ResolveSink sink() {
    return asked.get(asked.size() - 1);
  }

  private void breakIfBroken() {
    if (thrown != null) {
      throw thrown;
    }
  }

  @Override
  public String name() {
    return name;
  }

  @Override
  public void publish(EndpointData self) {
    published.add(self);
    breakIfBroken();
  }

  @Override
  public Subscription resolve(NodeId id, ResolveSink sink) {
    asked.add(sink);
    breakIfBroken();
    return () -> stopped++;
  }

  @Override
  public void networkChanged() {
    breakIfBroken();
  }

  @Override
  public void close() {
    closed++;
    breakIfBroken();
  }
}
