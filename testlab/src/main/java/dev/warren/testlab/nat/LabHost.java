package dev.warren.testlab.nat;

import dev.warren.testlab.Netns;
import java.io.IOException;

/** A host of the laboratory, with programs running on it. */
public final class LabHost {
  private final NatLab lab;
  private final String name;
  private final Netns ns;
  private final String device;
  private final String address;

  LabHost(NatLab lab, String name, Netns ns, String device, String address) {
    this.lab = lab;
    this.name = name;
    this.ns = ns;
    this.device = device;
    this.address = address;
  }

  /** Starts a Java program on it, with the class path of this one; it ends with the laboratory. */
  public LabProcess java(Class<?> main, String... args) {
    try {
      return new LabProcess(name, lab.running(ns.java(main, args)));
    } catch (IOException e) {
      throw new IllegalStateException("cannot start " + main.getSimpleName() + " on " + name, e);
    }
  }

  /** Runs commands on it and waits. */
  public void script(String commands) {
    ns.script(commands);
  }

  public void mtu(int bytes) {
    ns.mtu(device, bytes);
  }

  /** A way out: an interface, the host's address on it, and the router. */
  public record Uplink(String device, String address, String gateway) {}

  /** The way out that it has from the beginning. */
  public Uplink firstUplink() {
    return new Uplink(
        device, address + "/24", address.substring(0, address.lastIndexOf('.')) + ".1");
  }

  /** Takes a way out away: address and routes go with it. */
  public void leave(Uplink uplink) {
    ns.script("ip addr flush dev %1$s%nip link set dev %1$s down%n".formatted(uplink.device()));
  }

  /** Gives it a way out. */
  public void moveTo(Uplink uplink) {
    ns.script(
        "ip addr add %2$s dev %1$s%nip link set dev %1$s up%nip route replace default via %3$s dev %1$s%n"
            .formatted(uplink.device(), uplink.address(), uplink.gateway()));
  }

  /** Its IPv4 address. */
  public String address() {
    return address;
  }

  public Netns namespace() {
    return ns;
  }

  @Override
  public String toString() {
    return name + " " + address;
  }
}
