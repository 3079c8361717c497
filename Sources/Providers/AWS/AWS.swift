/// The provider of `type: aws`: EC2 with EBS and VPC (API version 2016-11-15), Route 53 (2013-04-01), S3 (2006-03-01)
/// and, for roles and the account's number, STS (2011-06-15), each by its own HTTP API and signature version 4.
///
/// Plan, profile, owner and the other fields of kcli are kept where kcli keeps them: tags of the instance, each under
/// its own key. What this program must remember itself are tags that begin with `infrafs:`; they are not shown.
///
/// Not supported, since EC2 has nothing of the kind: ISO images and CD drives, storage pools, autostart, a frozen state
/// other than hibernation, an interface that changes its network, and a serial line that can be typed into (its
/// WebSocket needs a session of its own). DNS records with a routing policy are listed and not changed.
public enum AWS {}
