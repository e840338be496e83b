package dev.warren.core;

import dev.warren.base.NodeAddr;
import dev.warren.base.NodeId;
import dev.warren.base.Subscription;
import dev.warren.discovery.Discovery;
import dev.warren.discovery.DiscoveryContext;
import dev.warren.discovery.DiscoveryItem;
import dev.warren.discovery.EndpointData;
import dev.warren.discovery.ResolveSink;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.function.BiConsumer;
import org.jspecify.annotations.Nullable;

/** A service that does what a test tells it, and notes what it is told. */
final class StubDiscovery implements Discovery, Discovery.Factory {
  final String name;
  final List<EndpointData> published = new CopyOnWriteArrayList<>();
  final List<ResolveSink> asked = new CopyOnWriteArrayList<>();
  final AtomicInteger closed = new AtomicInteger();
  final AtomicInteger networkChanges = new AtomicInteger();
  volatile @Nullable DiscoveryContext context;
  private volatile BiConsumer<NodeId, ResolveSink> answer = (id, sink) -> {};
  private volatile Runnable onClose = () -> {};

  StubDiscovery(String name) {
    this.name = name;
  }

  /** What it does when it is asked; it runs on the endpoint's executor and may end or not. */
  StubDiscovery answering(BiConsumer<NodeId, ResolveSink> how) {
    answer = how;
    return this;
  }

  /** Finds one node's addresses and ends. */
  StubDiscovery knowing(NodeAddr addr) {
    return answering(
        (id, sink) -> {
          sink.found(item(addr));
          sink.done();
        });
  }

  StubDiscovery failing(String message) {
    return answering((id, sink) -> sink.failed(new java.io.IOException(message)));
  }

  StubDiscovery closing(Runnable how) {
    onClose = how;
    return this;
  }

  DiscoveryItem item(NodeAddr addr) {
    return new DiscoveryItem(addr.id(), EndpointData.of(addr), name, Optional.empty());
  }

  @Override
  public Discovery create(DiscoveryContext made) {
    context = made;
    return this;
  }

  @Override
  public String name() {
    return name;
  }

  @Override
  public void publish(EndpointData self) {
    published.add(self);
  }

  @Override
  public Subscription resolve(NodeId id, ResolveSink sink) {
    asked.add(sink);
    answer.accept(id, sink);
    return () -> {};
  }

  @Override
  public void networkChanged() {
    networkChanges.incrementAndGet();
  }

  @Override
  public void close() {
    closed.incrementAndGet();
    onClose.run();
  }
}
