package dev.warren.cli;

import dev.warren.base.NodeId;
import dev.warren.base.Subscription;
import dev.warren.discovery.Discovery;
import dev.warren.discovery.DiscoveryEvent;
import dev.warren.discovery.DiscoveryItem;
import dev.warren.discovery.EndpointData;
import dev.warren.discovery.ResolveSink;
import java.util.Map;
import java.util.function.Consumer;

/** A service whose answers are told of as they come. Any thread. */
final class ToldDiscovery implements Discovery {
  private final Discovery service;
  private final Findings findings;

  ToldDiscovery(Discovery service, Findings findings) {
    this.service = service;
    this.findings = findings;
  }

  static Factory of(Factory factory, Findings findings) {
    return context -> new ToldDiscovery(factory.create(context), findings);
  }

  @Override
  public String name() {
    return service.name();
  }

  @Override
  public void publish(EndpointData self) {
    service.publish(self);
  }

  @Override
  public Subscription resolve(NodeId id, ResolveSink sink) {
    return service.resolve(
        id,
        new ResolveSink() {
          @Override
          public void found(DiscoveryItem item) {
            if (item.id().equals(id)) {
              findings.found(item);
            }
            sink.found(item);
          }

          @Override
          public void done() {
            sink.done();
          }

          @Override
          public void failed(Throwable cause) {
            sink.failed(cause);
          }
        });
  }

  @Override
  public boolean resolves() {
    return service.resolves();
  }

  @Override
  public Subscription subscribe(Consumer<? super DiscoveryEvent> listener) {
    return service.subscribe(listener);
  }

  @Override
  public void networkChanged() {
    service.networkChanged();
  }

  @Override
  public Map<String, Long> metrics() {
    return service.metrics();
  }

  @Override
  public void close() {
    service.close();
  }
}
