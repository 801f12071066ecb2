#!/usr/bin/env python3
"""Enforces the NetworkPolicies of some namespaces by iptables, as the network plugin of a real cluster does; that of the test cluster knows none.

    policies.py NAMESPACE...

The chain POLICIES sees what pods send to each other (FORWARD; the bridge shows it to iptables) and to their node (INPUT). What the node itself sends is let
through, as everywhere: kubelet's probes. A policy with something in it that is not understood here ends the program: it must not count as kept.
"""
import ipaddress
import json
import subprocess
import sys
import time

CHAIN = "POLICIES"


def objects(*kinds):
    """All of each kind, by one kubectl: this is asked twice a second."""
    asked = subprocess.run(["kubectl", "get", ",".join(kinds), "-A", "-o", "json"], check=True, capture_output=True, text=True)
    items = json.loads(asked.stdout)["items"]
    return [[item for item in items if item["kind"] == kind] for kind in kinds]


def known(thing, *fields):
    if odd := set(thing) - set(fields):
        sys.exit(f"policies.py does not know {', '.join(odd)} in {thing}")
    return thing


def selects(selector, labels):
    wanted = known(selector, "matchLabels").get("matchLabels") or {}
    return all(labels.get(name) == value for name, value in wanted.items())


def labels(thing):
    return thing["metadata"].get("labels") or {}


def addresses(peer, home, spaces, pods):
    """Networks that a peer of a policy in the namespace `home` stands for."""
    known(peer, "ipBlock", "namespaceSelector", "podSelector")
    if block := peer.get("ipBlock"):
        nets = [ipaddress.ip_network(block["cidr"])]
        for hole in map(ipaddress.ip_network, known(block, "cidr", "except").get("except", [])):
            nets = [rest for net in nets for rest in (net.address_exclude(hole) if hole.subnet_of(net) else [net])]
        return nets
    among = [name for name, of in spaces.items() if selects(peer["namespaceSelector"], of)] if "namespaceSelector" in peer else [home]
    return [pod["status"]["podIP"] for pod in pods if pod["metadata"]["namespace"] in among and selects(peer.get("podSelector", {}), labels(pod))]


def rules(pod, direction, policies, spaces, pods):
    """What the pod may be sent (Ingress) or send (Egress), as matches of iptables; None when no policy says anything about it."""
    mine = [p for p in policies if p["metadata"]["namespace"] == pod["metadata"]["namespace"] and selects(p["spec"]["podSelector"], labels(pod))]
    mine = [p for p in mine if direction in p["spec"]["policyTypes"]]
    if not mine:
        return None
    far, flag = ("from", "-s") if direction == "Ingress" else ("to", "-d")
    allowed = []
    for policy in mine:
        for rule in policy["spec"].get(direction.lower()) or []:
            known(rule, far, "ports")
            ports = [f"-p {known(p, 'port', 'protocol')['protocol'].lower()} --dport {int(p['port'])}" for p in rule.get("ports", [])] or [""]
            peers = rule.get(far)
            nets = [f"{flag} {net}" for peer in peers for net in addresses(peer, policy["metadata"]["namespace"], spaces, pods)] if peers else [""]
            allowed += [f"{net} {port}" for net in nets for port in ports]
    return allowed


def table(names):
    spaces, pods, policies = objects("Namespace", "Pod", "NetworkPolicy")
    # The label that Kubernetes gives each namespace since 1.21; that of the test cluster is older.
    spaces = {name: {**labels(space), "kubernetes.io/metadata.name": name} for space in spaces for name in [space["metadata"]["name"]]}
    pods = [pod for pod in pods if pod["status"].get("podIP") and pod["status"]["phase"] in ("Pending", "Running")]
    policies = [policy for policy in policies if policy["metadata"]["namespace"] in names]
    head, chains, bodies = [f":{CHAIN} - [0:0]"], [f"-A {CHAIN} -m conntrack --ctstate ESTABLISHED,RELATED -j RETURN"], []
    for direction, flag in (("Egress", "-s"), ("Ingress", "-d")):
        for pod in pods:
            if pod["metadata"]["namespace"] in names and (allowed := rules(pod, direction, policies, spaces, pods)) is not None:
                address = pod["status"]["podIP"]
                chain = f"{CHAIN}{flag}{address}"
                head.append(f":{chain} - [0:0]")
                chains.append(f"-A {CHAIN} {flag} {address} -j {chain}")
                bodies += [f"-A {chain} {match} -j RETURN" for match in allowed] + [f"-A {chain} -j REJECT"]
    return "\n".join(["*filter", *head, *chains, *bodies, "COMMIT", ""])


def stand_first(hook):
    """The chain before all others: with the first pod, its network puts one of its own there, which lets everything through."""
    listed = subprocess.run(["iptables", "--wait", "-S", hook], check=True, capture_output=True, text=True).stdout.splitlines()
    mine = f"-A {hook} -j {CHAIN}"
    if listed[1:2] == [mine]:
        return
    if mine in listed:
        subprocess.run(["iptables", "--wait", "-D", hook, "-j", CHAIN], check=True)
    subprocess.run(["iptables", "--wait", "-I", hook, "1", "-j", CHAIN], check=True)


def main(names):
    kept = None
    while True:
        try:
            wanted = table(names)
        except subprocess.CalledProcessError:
            wanted = kept  # the API server is away: what was true stays
        if wanted != kept:
            subprocess.run(["iptables-restore", "--noflush", "--wait"], check=True, input=wanted, text=True)
            for hook in ("FORWARD", "INPUT"):
                stand_first(hook)
            kept = wanted
        time.sleep(0.5)


main(sys.argv[1:])
