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
